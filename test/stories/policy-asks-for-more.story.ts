/** Level 4 with a veto window; meanwhile policy takes the class back to level 3: what was let in before is asked for now. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { policyText } from '../support/story/policy.js';
import { story } from '../support/story/story.js';

export default story('policy-asks-for-more', {
  says: 'asks people when policy, at admission, asks for more than was agreed to',
  runbook: restartService,
  policy: policyText({ vetoWindow: '2m' }),
  given: (world) => world.dies('shop'),
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.at('1m').policyBecomes({ restart: 3 });
    s.between('2m', '3m').expects('decision', /policy changed: it now asks for level 3/);
    s.between('2m', '3m').expects('escalation', /on-call was asked to approve/);
    s.between(0, '3m').expectsNo('intent', /./);
    s.at('3m').approves('ana');
    s.between('3m', '4m').expects('outcome', /^resolved/);
  },
});
