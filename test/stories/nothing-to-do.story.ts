/** The alert fires and the service is well by the time it is looked at. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { story } from '../support/story/story.js';

export default story('nothing-to-do', {
  says: 'withholds as nothing-to-do when the service is well by the time it looks',
  runbook: restartService,
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.between(0, '5s').expects('outcome', /nothing to restart/);
  },
});
