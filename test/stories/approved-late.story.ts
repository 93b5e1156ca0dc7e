/** Level 3: the page is answered after four minutes, and what was asked is what is done. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { story } from '../support/story/story.js';

export default story('approved-late', {
  says: 'waits for a person, acts once they approve this plan, and resolves',
  runbook: tuneRetries,
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.between(0, '5s').expects('escalation', /on-call was asked to approve/);
    s.between(0, '3m').expectsNo('intent', /./);
    s.at('4m').approves('ana');
    s.between('4m', '5m').expects('outcome', /^resolved/);
  },
});
