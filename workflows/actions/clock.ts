/** How the time comes into a run's history: with every answer, and by a call that answers nothing else. Contracts only. */
import { seconds } from '../domain/time.js';
import type { Call } from './action.js';

/** What an activity answers to a run that told it when it asked. */
export interface Told {
  readonly answer: unknown;
  /** Unix milliseconds on the asking run's clock: when it asked, and how long the answer took. */
  readonly atMs: number;
}

/** Every worker has it, and it cannot fail: tried until one does it. */
export const lookAtClock: Call<null, null> = {
  name: 'run.clock',
  timeoutMs: seconds(10),
  attemptsMax: Number.MAX_SAFE_INTEGER,
};
