/** A number that only informs is stale: what may be done alone otherwise waits for a person. */
import { minutes } from '../../workflows/domain/time.js';
import { policyText } from '../support/story/policy.js';
import { lowerWithAGlance } from '../support/story/runbooks.js';
import { story } from '../support/story/story.js';

export default story('telemetry-asks-people', {
  says: 'asks people at level 3 instead of acting at level 5 when what it saw is stale',
  runbook: lowerWithAGlance,
  policy: policyText({ configure: 5 }),
  given: (world) => {
    world.storms('shop');
    world.alerts.sampledAgo(minutes(10));
  },
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.between(0, '1m').expects('escalation', /./);
    s.between(0, '1m').expectsNo('effect', /./);
    s.at('2m').approves('ana');
    s.between('2m', '5m').expects('effect', /done: /);
  },
});
