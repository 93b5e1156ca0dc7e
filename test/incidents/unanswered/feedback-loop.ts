/** Each restart makes the service cold, and a cold service dies under its load: the repair feeds the alert. */
import { restartService } from '../../../runbooks/restart-service/index.js';
import { policyText } from '../../support/story/policy.js';
import { story } from '../../support/story/story.js';
import { restartsOf } from '../aftermath.js';
import type { Harm } from '../incident.js';

const harm: Harm = (left) => {
  const restarts = restartsOf(left, 'shop');
  return restarts > 3 ? `restarted shop ${restarts} times within 30 min` : undefined;
};

export const feedbackLoop = {
  harm,
  story: story('feedback-loop', {
    says: 'restarts what its own restarts make fall over, for as long as it does',
    runbook: restartService,
    policy: policyText({ restart: 4 }),
    given: (world) => world.dies('shop'),
    script: (s) => {
      for (let minute = 0; minute < 30; minute += 3) {
        s.at(`${minute}m`).world((world) => world.dies('shop'));
        s.at(`${minute}m`).fires('ServiceDown');
      }
    },
  }),
};
