/** The intake comes back after an outage and hands out what it kept: alerts about a world that is no more. */
import { policyText } from '../../support/story/policy.js';
import { restartsOf } from '../aftermath.js';
import { incident } from '../incident.js';
import { restartBlindly } from '../runbooks.js';
import { gateNotAsked } from '../weak/gates.js';

export default incident('old-alert-drained', {
  incident: 'Google Cloud, June 2025: the herd after the outage',
  mechanism: 'an alert of four hours ago is delivered when the queue drains',
  guard: 'stale: an alert older than its runbook acts on is reported, not acted on',
  runbook: restartBlindly,
  policy: policyText({ restart: 5 }),
  script: (s) => void s.at(0).fires('ServiceDown', { since: '4h' }),
  answer: { kind: 'decision', says: /stale: refuse, the alert began 4h ago/, reason: 'stale' },
  without: () => gateNotAsked('stale'),
  harm: (left) => (restartsOf(left, 'shop') > 0 ? 'restarted shop, healthy for hours' : undefined),
});
