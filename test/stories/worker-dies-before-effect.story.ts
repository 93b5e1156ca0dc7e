/** The worker dies before it touched anything: another does the step, once. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { effectOf } from '../support/story/sites.js';
import { story } from '../support/story/story.js';

export default story('worker-dies-before-effect', {
  says: 'does the step once when the worker dies before its effect',
  runbook: restartService,
  faults: [{ site: effectOf('restart'), kind: 'lost-before', attempt: 1 }],
  given: (world) => world.dies('shop'),
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.between('3s', '10s').expects('outcome', /^resolved/);
  },
});
