/** Every action costs points, and they are gone. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { shopAndCart } from '../support/story/services.js';
import { story } from '../support/story/story.js';

export default story('risk-spent', {
  says: 'withholds with risk-spent once the points of risk of an hour are taken',
  runbook: restartService,
  services: shopAndCart,
  guards: { rules: 'risk: { points: 3, within: 1h, costs: { restart: 2 } }' },
  given: (world) => {
    world.dies('shop');
    world.dies('cart');
  },
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.at('5m').fires('ServiceDown', { service: 'cart' });
    s.between('5m', '6m').expects('outcome', /^withheld: 2 of 3 points of risk were taken/);
  },
});
