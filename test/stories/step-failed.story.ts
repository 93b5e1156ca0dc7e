/** The process cannot be started: nothing took effect, nothing is to be taken back. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { story } from '../support/story/story.js';

export default story('step-failed', {
  says: 'withholds as step-failed when the step was tried and took no effect',
  runbook: restartService,
  given: (world) => {
    world.dies('shop');
    world.processes.startsFailWith(world.refOf('shop'), 'FATAL: no such program');
  },
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.between(0, '5s').expects('effect', /not done: restart shop on local: FATAL/);
    s.between(0, '5s').expects('outcome', /step restart: FATAL: no such program/);
  },
});
