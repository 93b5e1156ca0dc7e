/** While the veto window is open the monitor stops taking samples: what nobody needed to be asked for, people are asked for now. */
import { minutes } from '../../workflows/domain/time.js';
import { policyText } from '../support/story/policy.js';
import { lowerWithAGlance } from '../support/story/runbooks.js';
import { story } from '../support/story/story.js';

export default story('telemetry-stale-meanwhile', {
  says: 'asks people instead of acting when what it saw became stale while the veto window was open',
  runbook: lowerWithAGlance,
  policy: policyText({ configure: 4, vetoWindow: '2m' }),
  given: (world) => world.storms('shop'),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('1m').world((world) => world.alerts.sampledAgo(minutes(10)));
    s.between(0, '6m').expectsNo('intent', /./);
    s.between('2m', '3m').expects('escalation', /asked to approve/);
    s.at('6m').approves('ana');
    s.between('6m', '7m').expects('effect', /done: /);
  },
});
