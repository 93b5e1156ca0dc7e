/** The other run does not let go: after ten minutes "not now" is a no. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { slowRestart } from '../support/story/runbooks.js';
import { story } from '../support/story/story.js';

export default story('target-never-free', {
  says: 'withholds as target-busy when another run holds the target for ten minutes',
  runbook: restartService,
  given: (world) => {
    world.dies('shop');
    world.alerts.probing('shop', () => false);
  },
  script: (s) => {
    s.at(0).fires('ServiceDown', { runbook: slowRestart, fingerprint: 'fp-another' });
    s.at('12s').fires('ServiceDown');
    s.between('10m', '11m').expects('outcome', /withheld: run slow-restart.* holds process/);
  },
});
