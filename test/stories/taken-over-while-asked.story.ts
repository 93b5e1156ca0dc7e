/** A person takes over instead of answering: nothing was done, nothing is done. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { story } from '../support/story/story.js';

export default story('taken-over-while-asked', {
  says: 'withholds as taken-over when a person takes over instead of answering',
  runbook: tuneRetries,
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('1m').takesOver('ana');
    s.between('1m', '2m').expects('outcome', /withheld: ana took the incident over/);
  },
});
