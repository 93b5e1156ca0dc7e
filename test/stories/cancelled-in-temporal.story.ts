/** Somebody presses Cancel in Temporal's UI: it is a halt, so what was done is taken back. */
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { story } from '../support/story/story.js';

export default story('cancelled-in-temporal', {
  says: "takes Temporal's own cancel as a halt: what was done is taken back",
  runbook: tuneRetries,
  given: (world) => world.storms('shop', { endsAtRetries: -1 }),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('1m').approves('ana');
    s.at('1m 12s').cancels();
    s.between('1m 10s', '1m 20s').expects('outcome', /undone: cancel request of Temporal/);
  },
});
