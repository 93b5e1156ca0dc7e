/** The alert comes and goes each minute: each time it is a new episode, and each episode has its run. */
import { policyText } from '../../support/story/policy.js';
import { incident } from '../incident.js';
import { lowerBlindly } from '../runbooks.js';
import { gateNotAsked } from '../weak/gates.js';

export default incident('failover-flapping', {
  incident: 'orchestrator before its block of 3,600 s: failover after failover',
  mechanism: 'an alert that comes and goes each minute is repaired each minute',
  guard: 'recurring: three repairs of a service in an hour, then people',
  runbook: lowerBlindly,
  policy: policyText({ configure: 5 }),
  script: (s) => {
    for (let minute = 0; minute < 20; minute += 1) {
      s.at(`${minute}m`).world((world) => {
        world.settings.editedByHand('shop', { retries: 5 });
        world.storms('shop');
      });
      s.at(`${minute}m`).fires('RetryStorm');
    }
  },
  answer: { kind: 'outcome', says: /a person must find out why/, reason: 'recurring' },
  without: () => gateNotAsked('recurring'),
  harm: ({ world }) => {
    const changes = world.effects.length;
    return changes > 3 ? `changed the same setting ${changes} times within 20 min` : undefined;
  },
});
