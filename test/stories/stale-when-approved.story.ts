/** The answer came in time for the question but too late for the alert: the gates are asked again at admission. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { policyText } from '../support/story/policy.js';
import { story } from '../support/story/story.js';

export default story('stale-when-approved', {
  says: 'withholds as stale when the approval comes after the alert has grown too old',
  runbook: tuneRetries,
  policy: policyText({ chain: [{ notify: 'on-call', wait: '50m' }] }),
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('40m').approves('ana');
    s.between('40m', '41m').expects('outcome', /withheld: the alert began 40m/);
  },
});
