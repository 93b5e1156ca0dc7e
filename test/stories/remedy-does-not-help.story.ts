/** The remedy is done and does not help: it is taken back to the byte, and people are paged. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { story } from '../support/story/story.js';

export default story('remedy-does-not-help', {
  says: 'takes a remedy that does not help back to the byte and pages people: not-confirmed',
  runbook: tuneRetries,
  given: (world) => world.storms('shop', { endsAtRetries: -1 }),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('1m').approves('ana');
    s.between('90s', '2m').expects('confirmation', /not within 30s/);
    s.between('90s', '2m').expects('undo', /taken back/);
    s.between('90s', '2m').expects('notice', /undone/);
  },
});
