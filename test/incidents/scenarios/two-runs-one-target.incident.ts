/** A second alert about the same process comes while the first repair is still coming up. */
import { restartService } from '../../../runbooks/restart-service/index.js';
import { restartsOf } from '../aftermath.js';
import { incident } from '../incident.js';
import { gateNotAsked } from '../weak/gates.js';

export default incident('two-runs-one-target', {
  incident: 'AWS DynamoDB, October 2025: two actors on one record; Keep #1549',
  mechanism: 'two runs act on one target at once',
  guard: 'lease: one run per target, and a new look after the wait',
  runbook: restartService,
  given: (world) => {
    world.dies('shop');
    world.alerts.probing('shop', () => false);
  },
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.at('20s').fires('ServiceDown', { fingerprint: 'fp-another' });
    s.at('40s').world((world) => world.alerts.probing('shop', () => true));
  },
  answer: { kind: 'decision', says: /lease: hold, run restart-service/, reason: 'target-busy' },
  without: () => gateNotAsked('lease'),
  harm: (left) => {
    const restarts = restartsOf(left, 'shop');
    return restarts > 1 ? `restarted shop ${restarts} times, once while it came up` : undefined;
  },
});
