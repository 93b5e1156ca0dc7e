/** A person says no, and why. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { story } from '../support/story/story.js';

export default story('rejected', {
  says: 'withholds as rejected when a person says no, even after another said yes',
  runbook: tuneRetries,
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('2m').rejects('ana', { note: 'the upstream is being repaired' });
    s.between('2m', '3m').expects('outcome', /withheld: ana rejected this plan: the upstream/);
  },
});
