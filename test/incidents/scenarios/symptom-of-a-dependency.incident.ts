/** What everything stands on is sick: its own repair waits for a person, and what stands on it is restarted meanwhile. */
import { restartService } from '../../../runbooks/restart-service/index.js';
import { policyText } from '../../support/story/policy.js';
import { shopCartAndMail } from '../../support/story/services.js';
import { restartedOf } from '../aftermath.js';
import { incident } from '../incident.js';
import { gateNotAsked } from '../weak/gates.js';
import { tuneRetries } from '../../../runbooks/tune-retries/index.js';

export default incident('symptom-of-a-dependency', {
  incident: 'AWS DynamoDB, October 2025: what depended on it was repaired, in vain',
  mechanism: 'services are restarted for the fault of the one below them',
  guard: 'dependency: the repair of what a service depends on comes first',
  runbook: restartService,
  policy: policyText({ restart: 5, configure: 3 }),
  guards: {
    rules: 'storm: off',
    fleet: 'shop: {}\ncart: { dependsOn: [shop] }\nmail: { dependsOn: [cart] }',
  },
  services: shopCartAndMail,
  given: (world) => {
    world.storms('shop');
    for (const service of ['cart', 'mail']) world.alerts.probing(service, () => false);
  },
  script: (s) => {
    s.at(0).fires('RetryStorm', { runbook: tuneRetries });
    s.at('10s').fires('ServiceDown', { service: 'cart' });
    s.at('20s').fires('ServiceDown', { service: 'mail' });
    s.at('2m').approves('ana', { run: 1 });
    s.at('2m').world((world) => {
      for (const service of ['cart', 'mail']) world.alerts.probing(service, () => true);
    });
    s.at('2m 30s').resolves({ run: 2 });
    s.at('2m 30s').resolves({ run: 3 });
  },
  answer: {
    kind: 'decision',
    says: /depends on shop, which is sick or was a moment ago: run tune-retries/,
    reason: 'dependency-sick',
  },
  without: () => gateNotAsked('dependency'),
  harm: (left) => {
    const hit = restartedOf(left, ['cart', 'mail']);
    return hit.length > 0 ? `restarted ${hit.join(', ')}; the fault was in shop` : undefined;
  },
});
