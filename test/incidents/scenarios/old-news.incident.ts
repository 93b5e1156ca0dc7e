/** The monitor died before the service recovered: its last number is all there is to see. */
import { minutes } from '../../../workflows/domain/time.js';
import { policyText } from '../../support/story/policy.js';
import { lowerWhenMeasured } from '../../support/story/runbooks.js';
import { changesOf } from '../aftermath.js';
import { incident } from '../incident.js';
import { agesUntold } from '../weak/telemetry.js';

export default incident('decided-on-old-news', {
  incident:
    'Flagger #1450, Keptn #4147: what could not be seen now was taken for what was seen last',
  mechanism: 'the last sample says that requests fail; it was taken ten minutes ago',
  guard: 'telemetry: what is decided on must be as young as its declaration says',
  runbook: lowerWhenMeasured,
  policy: policyText({ configure: 5 }),
  given: (world) => {
    world.storms('shop');
    world.alerts.sampledAgo(minutes(10));
  },
  script: (s) => s.at(0).fires('RetryStorm'),
  answer: { kind: 'outcome', says: /it is 600s old/, reason: 'telemetry-stale' },
  without: agesUntold,
  harm: (left) => {
    const done = changesOf(left);
    return done === undefined ? undefined : `${done}; the number it decided on was 10 min old`;
  },
});
