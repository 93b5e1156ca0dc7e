/** What it would roll out is on no list: nobody is asked, and nothing is changed. */
import { rollsOutAnImage } from '../support/story/runbooks.js';
import { story } from '../support/story/story.js';

export default story('not-approved', {
  says: 'withholds as not-approved what is not within the approved lists, and asks nobody',
  runbook: rollsOutAnImage,
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.between(0, '5s').expects('outcome', /withheld: step roll-out: image .* is not on the list/);
    s.between(0, '1h').expectsNo('intent', /./);
  },
});
