/** The one below is sick: when it is well again, so is the one above. */
import { restartService } from '../../runbooks/restart-service/index.js';
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { shopAndCart } from '../support/story/services.js';
import { story } from '../support/story/story.js';

export default story('dependency-sick', {
  says: 'waits with dependency-sick for the repair of what it depends on, and is well by that alone',
  runbook: restartService,
  services: shopAndCart,
  guards: { fleet: 'shop: {}\ncart: { dependsOn: [shop] }' },
  given: (world) => {
    world.storms('shop');
    world.alerts.probing('cart', () => false);
  },
  script: (s) => {
    s.at(0).fires('RetryStorm', { runbook: tuneRetries });
    s.at('10s').fires('ServiceDown', { service: 'cart' });
    s.between('10s', '1m').expects('decision', /dependency: hold, cart depends on shop/);
    s.at('2m').approves('ana', { run: 1 });
    s.at('2m 35s').resolves({ run: 2 });
    s.between('2m', '4m').expects('outcome', /^withheld: its sender says that the alert resolved/);
  },
});
