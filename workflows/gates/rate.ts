/** Are too many actions of one class being done in a short while? The rest waits its turn. */
import { durationText, seconds } from '../domain/time.js';
import { hold, pass, refuse } from '../domain/verdict.js';
import { unreadable, type Gate } from './gate.js';

const askAgainAfterMs = seconds(10);

export const rate: Gate = {
  name: 'rate',
  reason: 'rate-limited',
  judge({ guards }) {
    const { rates: fact } = guards;
    if (!fact.known) return unreadable('rate', fact.why);
    for (const { actionClass, count, adds, max, withinMs } of fact.value) {
      if (count + adds <= max) continue;
      const limit = `at most ${max} within ${durationText(withinMs)}`;
      if (adds > max)
        return refuse('rate-limited', `${adds} actions of class ${actionClass}: ${limit}`);
      const done = `${count} actions of class ${actionClass} were let in`;
      return hold('rate-limited', `${done}, ${adds} more: ${limit}`, askAgainAfterMs);
    }
    return pass;
  },
};
