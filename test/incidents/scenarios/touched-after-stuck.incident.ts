/** An undo failed for good and a person is at work on the half that is left; the next alert comes. */
import { policyText } from '../../support/story/policy.js';
import { undoOf } from '../../support/story/sites.js';
import { incident } from '../incident.js';
import { lowerBlindly } from '../runbooks.js';
import { gateNotAsked } from '../weak/gates.js';

export default incident('touched-after-stuck', {
  incident: 'CAPI #2976, NHC #274: endless replacement of what was broken already',
  mechanism: 'another run builds on a state that nobody knows',
  guard: 'quarantined: nothing touches the target until a person releases it',
  runbook: lowerBlindly,
  policy: policyText({ configure: 5 }),
  faults: [{ site: undoOf('lower'), kind: 'fail' }],
  given: (world) => world.storms('shop', { endsAtRetries: -1 }),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('5m').world((world) => world.settings.editedByHand('shop', { retries: 7 }));
    s.at('6m').fires('RetryStorm', { fingerprint: 'fp-another' });
    s.between('1m', '2m').expects('outcome', /^stuck: setting:shop\/retries could not be taken/);
  },
  answer: {
    kind: 'decision',
    says: /quarantined: refuse, run lower-blindly/,
    reason: 'quarantined',
  },
  without: () => gateNotAsked('quarantined'),
  harm: (left) => {
    const file = left.world.settings.text('shop');
    return file.includes('"retries": 7') ? undefined : 'a person’s repair by hand was overwritten';
  },
});
