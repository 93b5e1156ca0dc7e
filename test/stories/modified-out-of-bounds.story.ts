/** A slip of the finger: no value outside what the action allows becomes a plan, nor does a step that is not there. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { story } from '../support/story/story.js';

export default story('modified-out-of-bounds', {
  says: 'ignores a value out of bounds and a step that is not there, and keeps asking for its plan',
  runbook: tuneRetries,
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('30s').modifies('ana', { step: 'lower-retries', value: 99 });
    s.at('1m').modifies('ana', { step: 'lower-retreis', value: 2 });
    s.at('90s').modifies('ana', { step: 'lower-retries', service: 'cart' });
    s.at('2m').modifies('ana', { step: 'lower-retries' });
    s.between('1m', '61s').expects('signal', /there are: lower-retries/);
    s.between('30s', '2m 5s').expectsNo('proposal', /./);
    s.at('3m').approves('ana');
    s.between('3m', '4m').expects('effect', /done: set retries of shop to 3/);
  },
});
