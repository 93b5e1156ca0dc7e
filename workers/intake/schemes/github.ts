/** GitHub: HMAC-SHA256 of the body in `X-Hub-Signature-256`. No timestamp is signed: only the replay cache knows a second one. */
import { fitsAny, hexOf, hmacsOf } from './comparing.js';
import type { Scheme } from './scheme.js';

export const github: Scheme = {
  name: 'github',
  signsBody: true,
  verify({ headers, body }, secrets) {
    const signature = headers['x-hub-signature-256'];
    if (signature === undefined) return 'no-secret';
    const shown = signature.startsWith('sha256=') ? hexOf(signature.slice(7)) : undefined;
    if (shown === undefined) return 'wrong-secret';
    return fitsAny([shown], hmacsOf(secrets, [body])) ? 'admitted' : 'wrong-secret';
  },
  deliveryId: () => 'body',
  fix: 'set the secret of this webhook (it then sends X-Hub-Signature-256) to one of its secrets',
};
