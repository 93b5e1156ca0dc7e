/** Sentry: bare hex HMAC-SHA256 of the body in `Sentry-Hook-Signature`. Its timestamp header is not signed and not believed. */
import { fitsAny, hexOf, hmacsOf } from './comparing.js';
import type { Scheme } from './scheme.js';

export const sentry: Scheme = {
  name: 'sentry',
  signsBody: true,
  verify({ headers, body }, secrets) {
    const signature = headers['sentry-hook-signature'];
    if (signature === undefined) return 'no-secret';
    const shown = hexOf(signature);
    if (shown === undefined) return 'wrong-secret';
    return fitsAny([shown], hmacsOf(secrets, [body])) ? 'admitted' : 'wrong-secret';
  },
  deliveryId: () => 'body',
  fix: "give Belay the integration's client secret: Sentry signs with it (Sentry-Hook-Signature)",
};
