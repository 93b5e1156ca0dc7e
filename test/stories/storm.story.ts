/** Too much of the zone is sick at once for each to be repaired by itself. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { story } from '../support/story/story.js';

export default story('storm', {
  says: 'holds while a storm is on in its zone, and withholds with storm when it does not end',
  runbook: restartService,
  guards: {
    rules: 'storm: { above: 40%, endsAt: 10%, sickMin: 1, releasePerMinute: 6, releaseFor: 10m }',
    fleet: 'shop: { zone: eu-1 }\ncart: { zone: eu-1 }',
  },
  given: (world) => world.dies('shop'),
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.between(0, '1m').expects('decision', /storm: hold, 1 of 2 services in zone eu-1 are sick/);
    s.between('10m', '11m').expects('outcome', /^withheld: 1 of 2 services in zone eu-1/);
  },
});
