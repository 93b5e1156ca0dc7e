/** The runbook is wrong in a way that only shows once a step is done: what was done is taken back. */
import { policyText } from '../support/story/policy.js';
import { errsHalfway } from '../support/story/runbooks.js';
import { story } from '../support/story/story.js';

export default story('runbook-errs-halfway', {
  says: 'takes back what was done when the runbook throws between its steps',
  runbook: errsHalfway,
  policy: policyText({ configure: 4 }),
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.between(0, '5s').expects('outcome', /undone: this runbook does not know/);
  },
});
