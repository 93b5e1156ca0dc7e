/** The monitor took its last sample ten minutes ago: on old news nothing is decided. */
import { minutes } from '../../workflows/domain/time.js';
import { lowerWhenMeasured } from '../support/story/runbooks.js';
import { story } from '../support/story/story.js';

export default story('telemetry-stale', {
  says: 'withholds as telemetry-stale when the number it decides on is ten minutes old',
  runbook: lowerWhenMeasured,
  given: (world) => {
    world.storms('shop');
    world.alerts.sampledAgo(minutes(10));
  },
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.between(0, '5s').expects('outcome', /withheld: monitor.measure: it is 600s old, 60s at most/);
    s.between(0, '1h').expectsNo('effect', /./);
  },
});
