/** The first target stays well, so the others follow. */
import { policyText } from '../support/story/policy.js';
import { lowerByStages } from '../support/story/runbooks.js';
import { shopCartAndMail } from '../support/story/services.js';
import { story } from '../support/story/story.js';

export default story('canary-well', {
  says: 'changes one target first, sees that it stays well, and goes on with the others',
  runbook: lowerByStages,
  policy: policyText({ configure: 4 }),
  services: shopCartAndMail,
  given: (world) => world.storms('mail'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.between(0, '25s').expects('intent', /retries of shop/);
    s.between(0, '25s').expectsNo('intent', /retries of (cart|mail)/);
    s.between('30s', '35s').expects('intent', /retries of cart/);
    s.between('60s', '65s').expects('intent', /retries of mail/);
    s.between('90s', '99s').expects('outcome', /^resolved/);
  },
});
