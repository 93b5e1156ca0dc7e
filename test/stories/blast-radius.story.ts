/** Two zones, one at a time: the second is worked on when the first is over. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { shopAndCart } from '../support/story/services.js';
import { story } from '../support/story/story.js';

export default story('blast-radius', {
  says: 'waits with blast-radius while another zone is worked on, and goes on when that is over',
  runbook: restartService,
  services: shopAndCart,
  guards: {
    rules: 'storm: off\nblastRadius: { zonesAtOnce: 1 }',
    fleet: 'shop: { zone: eu-1 }\ncart: { zone: eu-2 }',
  },
  given: (world) => {
    world.dies('shop');
    world.dies('cart');
    world.alerts.probing('shop', () => false);
  },
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.at('22s').fires('ServiceDown', { service: 'cart' });
    s.between('22s', '50s').expects('decision', /blast-radius: hold, 1 held by others/);
    s.at('1m 7s').world((world) => world.alerts.probing('shop', () => true));
    s.between('1m', '80s').expects('effect', /done: restart cart/);
  },
});
