/** Load at a fixed rate that does not wait for answers: a slow system meets the same load as a fast one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { clockMs } from './clock.js';

export interface Pace {
  readonly perSecond: number;
  readonly count: number;
}

/** Begins `work` `count` times, each at its own instant; resolves when all have ended and throws what the first threw. */
export async function atPace<Result>(
  { perSecond, count }: Pace,
  work: (index: number) => Promise<Result>,
): Promise<Result[]> {
  const startedMs = clockMs();
  const begun: Promise<Result>[] = [];
  for (let index = 0; index < count; index += 1) {
    const waitMs = startedMs + (index * 1000) / perSecond - clockMs();
    if (waitMs > 0) await sleep(waitMs);
    const one = work(index);
    one.catch(() => undefined); // it is reported below, once every one was begun
    begun.push(one);
  }
  return Promise.all(begun);
}
