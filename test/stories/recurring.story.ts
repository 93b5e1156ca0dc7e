/** It was repaired an hour's fill of times: the next alert is for people. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { story } from '../support/story/story.js';

export default story('recurring', {
  says: 'withholds with recurring what was repaired too often within an hour, and pages people',
  runbook: restartService,
  guards: { rules: 'recurring: { max: 1, within: 1h }' },
  given: (world) => world.dies('shop'),
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.at('5m').world((world) => world.dies('shop'));
    s.at('5m').fires('ServiceDown');
    s.between('5m', '6m').expects('outcome', /^withheld: shop was repaired 1 times within 1h/);
  },
});
