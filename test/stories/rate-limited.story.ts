/** One restart in five minutes: the second waits its turn. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { shopAndCart } from '../support/story/services.js';
import { story } from '../support/story/story.js';

export default story('rate-limited', {
  says: 'waits with rate-limited until another action of its class may begin',
  runbook: restartService,
  services: shopAndCart,
  guards: { rules: 'rate: { restart: { max: 1, within: 5m } }' },
  given: (world) => {
    world.dies('shop');
    world.dies('cart');
  },
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.at('1m').fires('ServiceDown', { service: 'cart' });
    s.between('1m', '2m').expects('decision', /rate: hold, 1 actions of class restart/);
    s.between('5m', '6m').expects('effect', /done: restart cart/);
  },
});
