/** Between two steps somebody edits what the second is about: what is done stays done, the rest is asked anew. */
import { lowerTwo } from '../support/story/runbooks.js';
import { shopAndCart } from '../support/story/services.js';
import { story } from '../support/story/story.js';

export default story('world-moved-halfway', {
  says: 'asks again for the rest when the world moved between two steps, and does no step twice',
  runbook: lowerTwo,
  services: shopAndCart,
  given: (world) => {
    world.storms('shop');
    world.settings.reloadFails('shop', 2); // the first step takes three quarters of a second
  },
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('1m').approves('ana');
    s.at(60_500).world((world) => world.settings.editedByHand('cart', { timeoutMs: 900 }));
    s.between('1m', '70s').expects('proposal', /^plan \w+: set retries of cart to 3 and reload$/);
    s.between('1m', '2m').expectsNo('effect', /^done: .*cart/);
    s.at('2m').approves('ana');
    s.between('2m', '3m').expects('effect', /done: set retries of cart/);
    s.between('2m', '3m').expects('outcome', /^resolved/);
  },
});
