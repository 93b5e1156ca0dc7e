/** A person halts a run that waits for another to let go of its target. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { slowRestart } from '../support/story/runbooks.js';
import { story } from '../support/story/story.js';

export default story('halted-while-held', {
  says: 'is halted while it waits for its target, and nothing was changed: halted',
  runbook: restartService,
  given: (world) => {
    world.dies('shop');
    world.alerts.probing('shop', () => false);
  },
  script: (s) => {
    s.at(0).fires('ServiceDown', { runbook: slowRestart, fingerprint: 'fp-another' });
    s.at('12s').fires('ServiceDown');
    s.at('32s').halts('ana');
    s.between('30s', '40s').expects('outcome', /withheld: ana sent halt/);
  },
});
