/** The alert comes and goes each minute: each time it is a new episode, and each episode has its run. */
import { lowerBlindly } from '../runbooks.js';
import { policyText } from '../../support/story/policy.js';
import { story } from '../../support/story/story.js';
import type { Harm } from '../incident.js';

const harm: Harm = ({ world }) => {
  const changes = world.effects.length;
  return changes > 3 ? `changed the same setting ${changes} times within 20 min` : undefined;
};

export const flapping = {
  harm,
  story: story('failover-flapping', {
    says: 'repairs each minute what comes and goes each minute',
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
  }),
};
