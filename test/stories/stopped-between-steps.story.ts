/** Everything is stopped while a repair of two steps is at its first: the second is not begun, and the first is taken back. */
import { lowerTwo } from '../support/story/runbooks.js';
import { shopAndCart } from '../support/story/services.js';
import { story } from '../support/story/story.js';

export default story('stopped-between-steps', {
  says: 'begins no further step once everything is stopped, and takes back what it had done',
  runbook: lowerTwo,
  services: shopAndCart,
  given: (world) => {
    world.storms('shop');
    world.settings.reloadFails('shop', 2); // the first step takes three quarters of a second
  },
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('1m').approves('ana');
    s.at(60_500).stops('everything', 'ben', 'a migration is under way');
    s.between('1m', '2m').expects('effect', /done: set retries of shop/);
    s.between('1m', '2m').expects('effect', /not done: .*cart.*ben stopped everything/);
    s.between('1m', '2m').expects('undo', /taken back: set retries of shop/);
    s.between('1m', '2m').expects('outcome', /^undone.*ben stopped everything/);
  },
});
