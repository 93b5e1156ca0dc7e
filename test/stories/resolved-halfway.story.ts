/** The first of two settings was enough: the alert resolves while people are asked about the second. */
import { lowerTwo } from '../support/story/runbooks.js';
import { shopAndCart } from '../support/story/services.js';
import { story } from '../support/story/story.js';

export default story('resolved-halfway', {
  says: 'leaves what is done, and says so, when the alert resolves while people are asked about the rest',
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
    s.at('2m').resolves();
    s.between('2m', '3m').expects('outcome', /^unresolved: the alert resolved/);
    s.between('2m', '3m').expectsNo('undo', /./);
  },
});
