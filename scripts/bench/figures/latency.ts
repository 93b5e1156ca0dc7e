/** How long until something starts, under load at a fixed rate: everything compared is measured in turn, round by round. */
import { figureOf, type Figure, type Kept } from '../rig/figure.js';
import type { Pace } from '../rig/pace.js';
import type { Size } from '../rig/size.js';
import { percentile } from '../rig/statistics.js';

/** One thing that is loaded; answers its latencies in milliseconds by the name of what they are of. */
export interface Series {
  readonly title: string;
  readonly perSecond: readonly number[];
  load(pace: Pace): Promise<Readonly<Record<string, readonly number[]>>>;
}

/** Samples by `<what>@<rate>`. */
export class Samples {
  private readonly samples = new Map<string, number[]>();

  add(what: string, perSecond: number, latencies: readonly number[]): void {
    const key = keyOf(what, perSecond);
    this.samples.set(key, [...(this.samples.get(key) ?? []), ...latencies]);
  }

  of(what: string, perSecond: number): readonly number[] {
    return this.samples.get(keyOf(what, perSecond)) ?? [];
  }

  /** NaN when there are none. */
  percentile(what: string, perSecond: number, share: number): number {
    return percentile(this.of(what, perSecond), share);
  }

  /** The 50th and 99th percentile at one rate. */
  figures(what: string, perSecond: number, goals: LatencyGoals = {}): Figure[] {
    const of = (share: number): number => this.percentile(what, perSecond, share);
    return [
      figureOf({
        name: `${what}-p50-at-${perSecond}`,
        value: of(0.5),
        unit: 'ms',
        ...atMost(goals.p50MsMax),
      }),
      figureOf({
        name: `${what}-p99-at-${perSecond}`,
        value: of(0.99),
        unit: 'ms',
        ...atMost(goals.p99MsMax),
      }),
    ];
  }
}

export interface LatencyGoals {
  readonly p50MsMax?: number;
  readonly p99MsMax?: number;
}

function keyOf(what: string, perSecond: number): string {
  return `${what}@${perSecond}`;
}

function atMost(value: number | undefined): { atMost?: number } {
  return value === undefined ? {} : { atMost: value };
}

export interface Interleaving {
  readonly series: readonly Series[];
  readonly size: Size;
  readonly log: (line: string) => void;
  /** Takes every sample, for whoever wants more than percentiles. */
  readonly keep?: (samples: Kept) => void;
}

/** Loads each series in turn at every rate it has, `size.rounds` times. */
export async function interleaved({ series, size, log, keep }: Interleaving): Promise<Samples> {
  const samples = new Samples();
  const turns = series.flatMap((one) => one.perSecond.map((perSecond) => ({ one, perSecond })));
  turns.sort((a, b) => a.perSecond - b.perSecond);
  for (let round = 1; round <= size.rounds; round += 1) {
    log(`round ${round} of ${size.rounds}: ${series.map(({ title }) => title).join(', ')}`);
    for (const { one, perSecond } of turns) {
      const latencies = await one.load({ perSecond, count: perSecond * size.secondsPerRound });
      for (const [what, found] of Object.entries(latencies)) {
        samples.add(what, perSecond, found);
        keep?.({ what, perSecond, round, ms: found });
      }
    }
  }
  return samples;
}
