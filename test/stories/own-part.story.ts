/** The alert is about Belay itself: an engine does not repair what it stands on. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { strangers } from '../support/story/services.js';
import { story } from '../support/story/story.js';

export default story('own-part', {
  says: 'withholds as own-part when it would touch a part of Belay',
  runbook: restartService,
  services: strangers,
  given: (world) => world.dies('belay-console'),
  script: (s) => {
    s.at(0).fires('ServiceDown', { service: 'belay-console' });
    s.between(0, '5s').expects('outcome', /belay-console is a part of Belay/);
  },
});
