/** The engine is switched off: nothing is asked, nothing is done. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { story } from '../support/story/story.js';

export default story('stopped', {
  says: 'withholds as stopped while a person has switched the engine off',
  runbook: restartService,
  given: (world) => world.dies('shop'),
  script: (s) => {
    s.at(0).stops('everything', 'ana', 'database migration');
    s.at(0).fires('ServiceDown');
    s.between(0, '5s').expects('outcome', /withheld: ana stopped everything: database migration/);
  },
});
