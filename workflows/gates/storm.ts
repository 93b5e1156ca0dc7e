/** Is too large a share of the zone or the fleet sick at once? Then it is not each of them: hold, and afterwards let in a few at a time. */
import { seconds } from '../domain/time.js';
import { hold, pass } from '../domain/verdict.js';
import { unreadable, type Gate } from './gate.js';

/** A storm of a thousand runs that ask again must itself be no load. */
const askAgainAfterMs = seconds(15);
/** Every run at its own moment within this, so that what was held does not come back as one. */
const spreadMs = seconds(15);

export const storm: Gate = {
  name: 'storm',
  reason: 'storm',
  judge({ guards, run }) {
    const { storms: fact } = guards;
    if (!fact.known) return unreadable('storm', fact.why);
    for (const { scope, state, sick, services, admitted, mayBeAdmitted } of fact.value) {
      const counted = `${sick} of ${services} services in ${scope} are sick`;
      const againMs = askAgainAfterMs + offsetOf(run);
      if (state === 'on') return hold('storm', `${counted}: look for one cause`, againMs);
      if (state === 'ending' && admitted >= mayBeAdmitted) {
        const pace = `${admitted} runs were let in since the storm in ${scope} ended`;
        return hold('storm', `${pace}, a few at a time`, againMs);
      }
    }
    return pass;
  },
};

/** The same for one run each time it asks; no two runs need agree. */
function offsetOf(run: string): number {
  let sum = 0;
  for (const character of run) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % spreadMs;
  return sum;
}
