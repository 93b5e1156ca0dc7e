/** A runbook may say that half a repair is better than none. */
import { keepHalf } from '../support/story/runbooks.js';
import { story } from '../support/story/story.js';

export default story('kept-though-not-well', {
  says: 'keeps a step that did not help where its runbook says so, and is unresolved',
  runbook: keepHalf,
  given: (world) => world.storms('shop', { endsAtRetries: -1 }),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('1m').approves('ana');
    s.between('90s', '2m').expects('outcome', /unresolved/);
    s.between('90s', '2m').expectsNo('undo', /./);
  },
});
