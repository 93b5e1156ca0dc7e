/** The worker knows no such service: what cannot be seen is not repaired. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { story } from '../support/story/story.js';

export default story('unobservable', {
  says: 'withholds as unobservable when an observation cannot be made',
  runbook: restartService,
  script: (s) => {
    s.at(0).fires('ServiceDown', { service: 'ghost' });
    s.between(0, '5s').expects('outcome', /withheld: no process of ghost is known/);
  },
});
