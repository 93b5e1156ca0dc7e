/** The monitor dies during the repair: its last sample says well, and is no word on how it is now. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { minutes } from '../../workflows/domain/time.js';
import { policyText } from '../support/story/policy.js';
import { story } from '../support/story/story.js';

export default story('telemetry-stale-confirmation', {
  says: 'takes the repair back when all that says it helped is ten minutes old',
  runbook: tuneRetries,
  policy: policyText({ configure: 5 }),
  given: (world) => {
    world.storms('shop');
    world.alerts.sampledAgo(minutes(10));
  },
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.between(0, '2m').expects('outcome', /^undone: not within 30s: .* but it is 600s old/);
  },
});
