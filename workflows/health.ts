/** What a check answered, where an answer that could not be had is "not well"; decides nothing about it. */
import type { Health } from './actions/action.js';
import { Failure, messageOf } from './domain/failure.js';

/** Unknown is never well: a check that failed says why in `seen`. Anything but a Failure is a bug and is thrown on. */
export async function healthOf(asked: Promise<Health>): Promise<Health> {
  try {
    return await asked;
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { well: false, seen: `could not be read: ${messageOf(thrown)}` };
  }
}
