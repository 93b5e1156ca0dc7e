/** The engine is switched off between the question and the answer: the answer comes too late. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { story } from '../support/story/story.js';

export default story('stopped-while-asked', {
  says: 'withholds as stopped at admission when the engine was stopped while people were asked',
  runbook: tuneRetries,
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('1m').stops('service:shop', 'ben', 'a human is at it');
    s.at('2m').approves('ana');
    s.between('2m', '3m').expects('outcome', /withheld: ben stopped service:shop/);
  },
});
