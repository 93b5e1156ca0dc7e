/** What a check answered, where an answer that could not be had is "not well"; decides nothing about it. */
import type { Check, Health } from './actions/action.js';
import { Failure, messageOf } from './domain/failure.js';
import { partOf } from './domain/telemetry.js';

/** Unknown is never well: a check that failed says why in `seen`. Anything but a Failure is a bug and is thrown on. */
export async function healthOf(asked: Promise<Health>): Promise<Health> {
  try {
    return await asked;
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return { well: false, seen: `could not be read: ${messageOf(thrown)}` };
  }
}

/** "Well" counts only of an answer that brings what its check declared it needs: a stale one tells how it was before. */
export function counted<Input>({ name, telemetry }: Check<Input>, health: Health): Health {
  if (!health.well || telemetry === undefined) return health;
  const { flawed, why } = partOf(name, telemetry, health);
  return flawed === true ? { well: false, seen: `${health.seen}, but ${why}` } : health;
}
