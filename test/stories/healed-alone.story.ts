/** Level 4: the process dies at night and is well again before anybody wakes up. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { story } from '../support/story/story.js';

export default story('healed-alone', {
  says: 'restarts a dead process alone at level 4, sees it well, and it held',
  runbook: restartService,
  given: (world) => world.dies('shop'),
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.between(0, '5s').expects('notice', /repairing at level 4/);
    s.between(0, '5s').expects('outcome', /^resolved/);
    s.between('1h', '61m').expects('closed', /held/);
  },
});
