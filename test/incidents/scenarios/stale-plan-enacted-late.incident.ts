/** Two runs planned for one target; the newer plan is in force when the older one is taken up again. */
import { retriesOf } from '../aftermath.js';
import { incident } from '../incident.js';
import { lowerBlindly } from '../runbooks.js';
import { beforeImageIgnored } from '../weak/adapters.js';

export default incident('stale-plan-enacted-late', {
  incident: 'AWS DynamoDB, October 2025: a delayed actor applied an old plan over the newer one',
  mechanism: 'two runs interleave, and the old one resumes last',
  guard: 'fencing: apply refuses when the target is not in the before-image of its plan',
  runbook: lowerBlindly,
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm', { fingerprint: 'fp-old' });
    s.at('10s').fires('RetryStorm', { fingerprint: 'fp-new' });
    s.at('20s').modifies('ana', { step: 'lower', value: 1 }, { run: 2 });
    s.at('30s').approves('ana', { run: 2 });
    s.at('2m').approves('ben', { run: 1 });
  },
  answer: { kind: 'effect', says: /^not done: .* was changed by somebody else/ },
  without: beforeImageIgnored,
  harm: (left) => {
    return retriesOf(left) === 3 ? 'the old plan (3) stands over the newer one (1)' : undefined;
  },
});
