/** Level 4 with a veto window: people hear of it before it happens, and one says no in time. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { policyText } from '../support/story/policy.js';
import { story } from '../support/story/story.js';

export default story('vetoed-in-the-window', {
  says: 'withholds as vetoed when a person vetoes within the window',
  runbook: restartService,
  policy: policyText({ vetoWindow: '2m' }),
  given: (world) => world.dies('shop'),
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.between(0, '5s').expects('notice', /acts unless vetoed/);
    s.at('1m').vetoes('ana', { note: 'planned maintenance' });
    s.between('1m', '2m').expects('outcome', /withheld: ana vetoed/);
  },
});
