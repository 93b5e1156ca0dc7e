/** The storm: fault after fault, several at once but never two on one thing, each noted with its time. Judges nothing. */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../workflows/domain/failure.js';
import type { Chance } from '../rig/chance.js';
import type { Ground } from '../rig/ground.js';
import { nextStrike, type FaultKind, type Strike } from './faults.js';
import type { Stop } from './stops.js';

/** A fault that was done. */
export interface Struck {
  readonly kind: FaultKind;
  readonly target: string;
  readonly says: string;
  readonly lastsMs: number;
  /** RFC 3339. */
  readonly at: string;
}

export interface StormOptions {
  readonly ground: Ground;
  readonly chance: Chance;
  /** Between two faults on average. */
  readonly everyMs: number;
  readonly log: (line: string) => void;
}

const atOnceMax = 3;

export class Storm {
  readonly struck: Struck[] = [];
  readonly stops: Stop[] = [];
  private readonly busy = new Map<string, Promise<void>>();
  private readonly ending = new AbortController();
  private raging: Promise<void> = Promise.resolve();

  constructor(private readonly options: StormOptions) {}

  begin(): void {
    this.raging = this.rage();
  }

  /** Resolves when the last fault is over and everything was put right again. Throws when a server did not come back. */
  async end(): Promise<void> {
    this.ending.abort();
    await this.raging;
    await Promise.all(this.busy.values());
  }

  private async rage(): Promise<void> {
    const { ground, chance, everyMs } = this.options;
    const { signal } = this.ending;
    while (!signal.aborted) {
      await sleep(everyMs * chance.between(0.3, 1.7), undefined, { signal }).catch(() => undefined);
      if (signal.aborted || this.busy.size >= atOnceMax) continue;
      const strike = nextStrike(ground, chance);
      if (!this.busy.has(strike.target)) this.hit(strike);
    }
  }

  private hit(strike: Strike): void {
    const { kind, target, says, lastsMs } = strike;
    const at = new Date().toISOString();
    this.struck.push({ kind, target, says, lastsMs: Math.round(lastsMs), at });
    const over = this.over(strike);
    this.busy.set(target, over);
    void over.finally(() => this.busy.delete(target));
  }

  private async over({ run, kind, target }: Strike): Promise<void> {
    try {
      const stop = await run();
      if (stop !== undefined) this.stops.push(stop);
    } catch (error) {
      this.options.log(`${kind} of ${target}: ${messageOf(error)}`);
      throw error;
    }
  }
}
