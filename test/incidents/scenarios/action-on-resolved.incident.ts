/** The message says that all is well again, and is acted on like any other. */
import { restartService } from '../../../runbooks/restart-service/index.js';
import { policyText } from '../../support/story/policy.js';
import { restartsOf } from '../aftermath.js';
import { incident } from '../incident.js';
import { restartBlindly } from '../runbooks.js';
import { statusNotRead } from '../weak/intake.js';

export default incident('action-on-resolved', {
  incident: 'Robusta #345: kill_pod ran on RESOLVED and deleted the healthy pod',
  mechanism: 'a notification of the end is taken for one of the beginning',
  guard: 'the intake starts runs for firing alerts only',
  runbook: restartBlindly,
  policy: policyText({ restart: 5 }),
  script: (s) => {
    s.at('1s').fires('ServiceDown', { status: 'resolved', runbook: restartBlindly });
    s.at('2s').fires('ServiceDown', { status: 'resolved', runbook: restartService });
  },
  answer: { kind: 'inbox', says: /no open run/ },
  without: statusNotRead,
  harm: (left) => (restartsOf(left, 'shop') > 0 ? 'restarted shop, which was healthy' : undefined),
});
