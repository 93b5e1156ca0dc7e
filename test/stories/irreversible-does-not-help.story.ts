/** The process is restarted and still answers nothing: what cannot be taken back is said, not hidden. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { story } from '../support/story/story.js';

export default story('irreversible-does-not-help', {
  says: 'is unresolved when a restart did not help, since a restart cannot be taken back',
  runbook: restartService,
  given: (world) => {
    world.dies('shop');
    world.alerts.probing('shop', () => false);
  },
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.between('1m', '2m').expects('outcome', /unresolved: .*restart stands/);
    s.between('1m', '2m').expects('notice', /unresolved/);
  },
});
