/** One runbook does another as a part of itself: one plan, one approval, steps named after their origin. */
import { restartThenTune } from '../support/story/runbooks.js';
import { story } from '../support/story/story.js';

export default story('calls-another-runbook', {
  says: "does another runbook as a part of its own plan, at the lower level of the two's steps",
  runbook: restartThenTune,
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('1m').approves('ana');
    s.between('1m', '2m').expects('effect', /done: set retries of shop to 3/);
    s.between('1m', '2m').expects('outcome', /^resolved/);
  },
});
