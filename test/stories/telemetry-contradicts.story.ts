/** The supervisor says it runs, the probe that it does not answer: one of them is wrong, and nobody knows which. */
import { restartWhenAgreed } from '../support/story/runbooks.js';
import { story } from '../support/story/story.js';

export default story('telemetry-contradicts', {
  says: 'withholds as telemetry-stale when two sources of one fact contradict each other',
  runbook: restartWhenAgreed,
  given: (world) => world.wedges('shop'),
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.between(0, '5s').expects('outcome', /withheld: whether shop is up: it is contradictory/);
  },
});
