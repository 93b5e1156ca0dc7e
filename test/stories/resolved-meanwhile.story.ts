/** The storm passes by itself while people are asked: nothing is left to repair. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { story } from '../support/story/story.js';

export default story('resolved-meanwhile', {
  says: 'withholds as resolved-meanwhile when the alert resolves while people are asked',
  runbook: tuneRetries,
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('3m').world((world) => world.clears('RetryStorm'));
    s.at('3m').resolves();
    s.between('3m', '4m').expects('outcome', /withheld: the alert resolved/);
  },
});
