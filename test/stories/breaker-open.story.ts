/** It did not help on the first, so it is not done to the next. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { shopAndCart } from '../support/story/services.js';
import { story } from '../support/story/story.js';

export default story('breaker-open', {
  says: 'withholds with breaker-open an action that failed on whatever it was done to',
  runbook: restartService,
  services: shopAndCart,
  guards: { rules: 'breaker: { action: { failures: 1, retryAfter: 30m } }' },
  given: (world) => {
    world.dies('shop');
    world.dies('cart');
    world.alerts.probing('shop', () => false);
  },
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.at('8m').fires('ServiceDown', { service: 'cart' });
    s.between('8m', '9m').expects('outcome', /^withheld: .* on any target failed 1 times in a row/);
  },
});
