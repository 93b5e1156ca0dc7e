/** Is what the service depends on the one that is sick? Then its repair is waited for: restarting the symptom heals nothing. */
import { seconds } from '../domain/time.js';
import { hold, pass } from '../domain/verdict.js';
import { unreadable, type Gate } from './gate.js';

const askAgainAfterMs = seconds(10);

export const dependency: Gate = {
  name: 'dependency',
  reason: 'dependency-sick',
  judge({ guards, alert }) {
    const { sickDependencies: fact } = guards;
    if (!fact.known) return unreadable('dependency', fact.why);
    const below = fact.value[0];
    if (below === undefined) return pass;
    const why = `${alert.service} depends on ${below.service}, which is sick or was a moment ago: run ${below.run} comes first`;
    return hold('dependency-sick', why, askAgainAfterMs);
  },
};
