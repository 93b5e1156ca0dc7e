/** The repair was carried out to the letter, and it made nothing better. */
import { policyText } from '../../support/story/policy.js';
import { shopAndCart } from '../../support/story/services.js';
import { isPaged, retriesOf } from '../aftermath.js';
import { incident } from '../incident.js';
import { lowerBlindly } from '../runbooks.js';
import { nothingConfirmed } from '../weak/runbook.js';

export default incident('remedy-widens-the-outage', {
  incident: 'Cloudflare R2, February 2025: the remediation was the outage, for 59 min',
  mechanism: 'the remedy does not help, and it hurts somebody else',
  guard: 'confirmation: a repair that is not seen to help is taken back, and people are paged',
  runbook: lowerBlindly,
  policy: policyText({ configure: 5 }),
  services: shopAndCart,
  given: (world) => world.storms('shop', { endsAtRetries: -1 }),
  script: (s) => {
    s.at(0).fires('RetryStorm');
    s.at('5s').world((world) => world.dies('cart'));
  },
  answer: { kind: 'outcome', says: /^undone: not within/, reason: 'not-confirmed' },
  without: nothingConfirmed,
  harm: (left) => {
    const stands = retriesOf(left) === 3 && left.world.alerts.isFiring('RetryStorm');
    return stands && !isPaged(left) ? 'it stands, it does not help, nobody was paged' : undefined;
  },
});
