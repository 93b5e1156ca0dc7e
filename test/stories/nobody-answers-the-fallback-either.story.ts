/** Nobody is there, and policy wants a person for the safer runbook too. */
import { policyText } from '../support/story/policy.js';
import { tuneOrRestart } from '../support/story/runbooks.js';
import { story } from '../support/story/story.js';

export default story('nobody-answers-the-fallback-either', {
  says: 'withholds as unanswered when the fallback would need a person as well',
  runbook: tuneOrRestart,
  policy: policyText({ restart: 3 }),
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.between('15m', '16m').expects('outcome', /the fallback needs a person too/);
  },
});
