/** A person halts between two steps: the first is taken back, the second never begins. */
import { policyText } from '../support/story/policy.js';
import { lowerTwo } from '../support/story/runbooks.js';
import { shopAndCart } from '../support/story/services.js';
import { story } from '../support/story/story.js';

export default story('halted-by-operator', {
  says: 'is halted between two steps and takes the first one back',
  runbook: lowerTwo,
  policy: policyText({ configure: 4 }),
  services: shopAndCart,
  given: (world) => {
    world.storms('shop');
    world.settings.reloadFails('shop', 2); // the first step takes three quarters of a second
  },
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at(500).halts('ana');
    s.between(0, '5s').expects('undo', /taken back: set retries of shop/);
    s.between(0, '5s').expectsNo('intent', /about to set retries of cart/);
  },
});
