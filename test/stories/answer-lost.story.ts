/** The effect took place and its answer was lost for good: the world is asked, and it says that it is done. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { policyText } from '../support/story/policy.js';
import { effectOf } from '../support/story/sites.js';
import { story } from '../support/story/story.js';

export default story('answer-lost', {
  says: 'asks the world when the answer of a step was lost, and goes on from what is so',
  runbook: tuneRetries,
  policy: policyText({ configure: 4 }),
  faults: [{ site: effectOf('lower-retries'), kind: 'fail-after' }],
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.between(0, '5s').expects('outcome', /^resolved/);
  },
});
