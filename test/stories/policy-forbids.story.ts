/** Policy does not know the service: what is not granted is not permitted. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { strangers } from '../support/story/services.js';
import { story } from '../support/story/story.js';

export default story('policy-forbids', {
  says: 'withholds as policy-forbids when policy does not know the service',
  runbook: restartService,
  services: strangers,
  given: (world) => world.dies('unheard'),
  script: (s) => {
    s.at(0).fires('ServiceDown', { service: 'unheard' });
    s.between(0, '5s').expects('outcome', /withheld: step restart: .* names no service unheard/);
  },
});
