/** Waiting for something to be so, within a bound; knows nothing of what it is. */
import { setTimeout as sleep } from 'node:timers/promises';
import { clockMs } from './clock.js';

const everyMs = 50;

export interface Awaited {
  /** For the error: what did not come. */
  readonly what: string;
  readonly withinMs: number;
}

/** The first answer that is not undefined. Throws when none comes in time. */
export async function until<Answer>(
  { what, withinMs }: Awaited,
  ask: () => Promise<Answer | undefined>,
): Promise<Answer> {
  const untilMs = clockMs() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (clockMs() > untilMs) throw new Error(`not within ${withinMs / 1000} s: ${what}`);
    await sleep(everyMs);
  }
}
