/** The alert was delivered hours late: an old alert is reported, not acted on. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { story } from '../support/story/story.js';

export default story('stale', {
  says: 'withholds as stale when the alert is older than the runbook acts on',
  runbook: restartService,
  given: (world) => world.dies('shop'),
  script: (s) => {
    s.at(0).fires('ServiceDown', { since: '2h' });
    s.between(0, '5s').expects('outcome', /this runbook acts within 15m/);
  },
});
