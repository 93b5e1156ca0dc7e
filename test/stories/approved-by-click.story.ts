/** Level 3, answered in Temporal's own UI: the name that was clicked carries the plan, the server's record the person. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { story } from '../support/story/story.js';

export default story('approved-by-click', {
  says: 'takes a click on the offered name as approval of that plan, by whom the server recorded',
  runbook: tuneRetries,
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('1m').clicks('approve', 'ana@laptop');
    s.between('1m', '2m').expects('signal', /ana@laptop sent approve/);
    s.between('1m', '2m').expects('outcome', /^resolved/);
  },
});
