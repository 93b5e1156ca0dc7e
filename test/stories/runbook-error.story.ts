/** The runbook itself is wrong: its error is the reason, and nothing was changed. */
import { carelessAboutLabels } from '../support/story/runbooks.js';
import { story } from '../support/story/story.js';

export default story('runbook-error', {
  says: 'withholds as runbook-error when the runbook throws while it is rehearsed',
  runbook: carelessAboutLabels,
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.between(0, '5s').expects('outcome', /withheld: the alert has no label "setting"/);
  },
});
