/** Two steps at once, one says no: the other ends first, then it is taken back. */
import { policyText } from '../support/story/policy.js';
import { lowerSideBySide } from '../support/story/runbooks.js';
import { shopAndCart } from '../support/story/services.js';
import { effectOf } from '../support/story/sites.js';
import { story } from '../support/story/story.js';

export default story('side-by-side-one-fails', {
  says: 'lets the other branch end its step before it unwinds when one of two fails',
  runbook: lowerSideBySide,
  policy: policyText({ configure: 4 }),
  services: shopAndCart,
  faults: [
    { site: 'ask:setting.read', kind: 'transient', attempt: 1 }, // the second branch comes a little later
    { site: effectOf('lower-shop'), kind: 'lost-after', attempt: 1 },
    { site: effectOf('lower-cart'), kind: 'fail' },
  ],
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.between('3s', '10s').expects('undo', /taken back: set retries of shop/);
    s.between('3s', '10s').expects('outcome', /undone: step lower-cart/);
  },
});
