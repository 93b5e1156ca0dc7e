/**
 * PagerDuty v3: `X-PagerDuty-Signature` lists `v1=<hex>`, one HMAC-SHA256 of the body for each secret of the webhook.
 * No timestamp is signed, nor is X-Webhook-Id: only the replay cache knows a second one.
 */
import { fitsAny, hexOf, hmacsOf, signaturesMax } from './comparing.js';
import type { Scheme } from './scheme.js';

export const pagerduty: Scheme = {
  name: 'pagerduty',
  signsBody: true,
  verify({ headers, body }, secrets) {
    const header = headers['x-pagerduty-signature'];
    if (header === undefined) return 'no-secret';
    const fits = fitsAny(signaturesOf(header), hmacsOf(secrets, [body]));
    return fits ? 'admitted' : 'wrong-secret';
  },
  deliveryId: () => 'body',
  fix: 'give Belay the secret PagerDuty showed when the webhook was made (X-PagerDuty-Signature)',
};

/** Versions to come are passed over. */
function signaturesOf(header: string): Buffer[] {
  return header.split(',', signaturesMax).flatMap((part) => {
    const item = part.trim();
    const bytes = item.startsWith('v1=') ? hexOf(item.slice(3)) : undefined;
    return bytes === undefined ? [] : [bytes];
  });
}
