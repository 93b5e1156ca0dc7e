/** Level 2: everything is prepared, and nothing happens until a person triggers it. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { policyText } from '../support/story/policy.js';
import { story } from '../support/story/story.js';

export default story('operator-triggers', {
  says: 'acts at level 2 only once a person triggers the plan; an approval is not enough',
  runbook: restartService,
  policy: policyText({ restart: 2 }),
  given: (world) => world.dies('shop'),
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.at('1m').approves('ana');
    s.between('1m', '2m').expects('signal', /approve ignored/);
    s.at('2m').triggers('ana');
    s.between('2m', '3m').expects('outcome', /^resolved/);
  },
});
