/** The first target falls sick a while after its change: the others are never touched, and it is as before. */
import { policyText } from '../support/story/policy.js';
import { lowerByStages } from '../support/story/runbooks.js';
import { shopCartAndMail } from '../support/story/services.js';
import { story } from '../support/story/story.js';

export default story('canary-sick', {
  says: 'stops at the first target that does not stay well, and takes it back',
  runbook: lowerByStages,
  policy: policyText({ configure: 4 }),
  services: shopCartAndMail,
  given: (world) => world.storms('mail'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('12s').world((world) => {
      world.alerts.probing('shop', () => world.settings.loaded('shop', 'retries') !== 3);
    });
    s.between('50s', '70s').expects('outcome', /^undone: not within 1m: stage 1 of 3/);
    s.between(0, '2m').expectsNo('intent', /retries of (cart|mail)/);
  },
});
