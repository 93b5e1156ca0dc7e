/** Level 4 with a veto window: nobody objects, and it acts when the window closes, not before. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { policyText } from '../support/story/policy.js';
import { story } from '../support/story/story.js';

export default story('nobody-vetoes', {
  says: 'acts when the veto window closes and nobody objected',
  runbook: restartService,
  policy: policyText({ vetoWindow: '2m' }),
  given: (world) => world.dies('shop'),
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.between(0, '119s').expectsNo('intent', /./);
    s.between('2m', '3m').expects('outcome', /^resolved/);
  },
});
