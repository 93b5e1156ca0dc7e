/** Level 3 and nobody is there: two people are paged in turn, then it is left alone. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { story } from '../support/story/story.js';

export default story('nobody-answers', {
  says: 'walks the whole escalation chain and withholds as unanswered',
  runbook: tuneRetries,
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.between(0, '5s').expects('notice', /approve plan/);
    s.between('5m', '6m').expects('escalation', /team-lead/);
    s.between('15m', '16m').expects('outcome', /withheld: asked on-call, then team-lead/);
  },
});
