/** The first step is done, the second says no: the first is taken back. */
import { policyText } from '../support/story/policy.js';
import { lowerTwo } from '../support/story/runbooks.js';
import { shopAndCart } from '../support/story/services.js';
import { effectOf } from '../support/story/sites.js';
import { story } from '../support/story/story.js';

export default story('second-step-fails', {
  says: 'takes the first step back when the second fails',
  runbook: lowerTwo,
  policy: policyText({ configure: 4 }),
  services: shopAndCart,
  faults: [{ site: effectOf('lower-cart'), kind: 'fail' }],
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.between(0, '5s').expects('undo', /taken back: set retries of shop/);
    s.between(0, '5s').expects('outcome', /undone: step lower-cart/);
  },
});
