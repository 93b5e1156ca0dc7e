/** The worker dies after the effect and before it could say so: another finds it done and does not do it again. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { effectOf } from '../support/story/sites.js';
import { story } from '../support/story/story.js';

export default story('worker-dies-after-effect', {
  says: 'does the step once when the worker dies after its effect',
  runbook: restartService,
  faults: [{ site: effectOf('restart'), kind: 'lost-after', attempt: 1 }],
  given: (world) => world.dies('shop'),
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.between('3s', '10s').expects('outcome', /^resolved/);
  },
});
