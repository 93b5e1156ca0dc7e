/** A person knows better: the step's value is changed within what its action allows, and a new plan is asked. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { story } from '../support/story/story.js';

export default story('modified-within-bounds', {
  says: 'proposes again with the value a person set within its bounds, and does that',
  runbook: tuneRetries,
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('1m').modifies('ana', { step: 'lower-retries', value: 1 });
    s.between('1m', '90s').expects('proposal', /set retries of shop to 1/);
    s.at('2m').approves('ana');
    s.between('2m', '3m').expects('effect', /done: set retries of shop to 1/);
  },
});
