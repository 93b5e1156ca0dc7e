/** Each restart makes the service cold, and a cold service dies under its load: the repair feeds the alert. */
import { restartService } from '../../../runbooks/restart-service/index.js';
import { policyText } from '../../support/story/policy.js';
import { restartsOf } from '../aftermath.js';
import { incident } from '../incident.js';
import { gateNotAsked } from '../weak/gates.js';

export default incident('feedback-loop', {
  incident: 'restart, "down" while it starts, restart: CAPI #2976, NHC #274',
  mechanism: 'each repair raises the alert that starts the next',
  guard: 'recurring: three repairs of a service in an hour, then people',
  runbook: restartService,
  policy: policyText({ restart: 4 }),
  script: (s) => {
    for (let minute = 0; minute < 30; minute += 3) {
      s.at(`${minute}m`).world((world) => world.dies('shop'));
      s.at(`${minute}m`).fires('ServiceDown');
    }
    s.between('9m', '10m').expects('notice', /withheld/);
  },
  answer: { kind: 'outcome', says: /shop was repaired 3 times within 1h/, reason: 'recurring' },
  without: () => gateNotAsked('recurring'),
  harm: (left) => {
    const restarts = restartsOf(left, 'shop');
    return restarts > 3 ? `restarted shop ${restarts} times within 30 min` : undefined;
  },
});
