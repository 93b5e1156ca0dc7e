/** One service was shown and approved; when it is done for real the same selector gives the whole fleet. */
import { implementFact } from '../../../activities/adapter.js';
import { policyText } from '../../support/story/policy.js';
import { shopCartAndMail } from '../../support/story/services.js';
import { restartsOf } from '../aftermath.js';
import { incident, type Scenery } from '../incident.js';
import { restartSelected, selectServices } from '../runbooks.js';
import { planNotPinned } from '../weak/unpinned.js';

function growsAfterTheFirstLook(): Scenery {
  let looks = 0;
  const select = implementFact(selectServices, () => {
    looks += 1;
    return Promise.resolve(looks === 1 ? ['shop'] : ['cart', 'mail', 'shop']);
  });
  return { instead: { adapters: (known) => [...known, select] } };
}

export default incident('fleet-on-the-second-look', {
  incident: 'Google Diskerase: the selector gave everything on the second run',
  mechanism: 'the targets are worked out anew when it acts',
  guard: 'the plan is pinned: a step that was not rehearsed is proposed, never done',
  runbook: restartSelected,
  policy: policyText({ restart: 3 }),
  services: shopCartAndMail,
  scenery: growsAfterTheFirstLook,
  script: (s) => {
    s.at(0).fires('ServiceDown');
    s.at('1m').approves('ana');
    s.between('1m', '2m').expectsNo('intent', /./);
  },
  answer: { kind: 'proposal', says: /restart cart on local; then restart mail on local/ },
  without: planNotPinned,
  harm: (left) => {
    const hit = ['cart', 'mail'].filter((service) => restartsOf(left, service) > 0);
    return hit.length > 0 ? `restarted ${hit.join(', ')}; ana had approved shop` : undefined;
  },
});
