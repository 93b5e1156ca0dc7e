/** What the prober saw of the shop in the last seconds, as the two conditions it watches. Pure: whoever looks brings the time. */

export interface Sample {
  readonly served: number;
  readonly failed: number;
  readonly attempts: number;
}

const keptMs = 5_000;
const errorRatioMax = 0.2;
const attemptsPerRequestMax = 3;

export class ProbeLog {
  private samples: { readonly atMs: number; readonly sample: Sample }[] = [];
  /** The last look found nobody there. */
  down = false;

  /** Undefined: it did not answer. A counter that went back belongs to a new process. */
  note(atMs: number, sample: Sample | undefined): void {
    this.down = sample === undefined;
    const last = this.samples.at(-1)?.sample;
    if (sample === undefined || totalOf(sample) < totalOf(last)) this.samples = [];
    if (sample !== undefined) this.samples.push({ atMs, sample });
    this.samples = this.samples.filter((kept) => kept.atMs >= atMs - keptMs);
  }

  /** Failed requests as a share of all of the last five seconds; undefined when there were none. */
  errorRatio(): number | undefined {
    const { requests, failed } = this.growth();
    return requests > 0 ? failed / requests : undefined;
  }

  isStorming(): boolean {
    const { requests, failed, attempts } = this.growth();
    if (requests === 0) return false;
    return failed / requests > errorRatioMax && attempts / requests > attemptsPerRequestMax;
  }

  private growth(): { requests: number; failed: number; attempts: number } {
    const first = this.samples.at(0)?.sample;
    const last = this.samples.at(-1)?.sample;
    if (first === undefined || last === undefined) return { requests: 0, failed: 0, attempts: 0 };
    return {
      requests: totalOf(last) - totalOf(first),
      failed: last.failed - first.failed,
      attempts: last.attempts - first.attempts,
    };
  }
}

/** The counters in the shop's metrics; undefined when one of them is missing. */
export function sampleOf(metrics: string): Sample | undefined {
  const counter = (name: string): number => {
    const line = metrics.split('\n').find((candidate) => candidate.startsWith(`${name} `));
    return line === undefined ? Number.NaN : Number(line.slice(name.length));
  };
  const sample = {
    served: counter('shop_requests_total{code="200"}'),
    failed: counter('shop_requests_total{code="502"}'),
    attempts: counter('shop_upstream_attempts_total'),
  };
  return Object.values(sample).every(Number.isFinite) ? sample : undefined;
}

function totalOf(sample: Sample | undefined): number {
  return sample === undefined ? 0 : sample.served + sample.failed;
}
