/** Level 1: the proposal is the whole of it. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { policyText } from '../support/story/policy.js';
import { story } from '../support/story/story.js';

export default story('advice-only', {
  says: 'posts its proposal and changes nothing at level 1: advise-only',
  runbook: restartService,
  policy: policyText({ restart: 1 }),
  given: (world) => world.dies('shop'),
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.between(0, '5s').expects('outcome', /advised/);
  },
});
