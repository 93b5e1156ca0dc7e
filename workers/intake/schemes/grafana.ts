/**
 * Grafana alerting: bare hex HMAC-SHA256 of `<unix seconds>:<body>`. Grafana signs the time only when the webhook names
 * a header for it, and has no default: Belay asks for the one of Grafana's own examples, and for a signed time.
 */
import { fitsAny, hexOf, hmacsOf } from './comparing.js';
import type { Scheme, Shown } from './scheme.js';
import { isInWindow, unixSecondsMs } from './timestamp.js';

const timestampHeader = 'x-grafana-alerting-signature-timestamp';

export const grafana: Scheme = {
  name: 'grafana',
  signsBody: true,
  verify({ headers, body, nowMs }, secrets) {
    const signature = headers['x-grafana-alerting-signature'];
    if (signature === undefined) return 'no-secret';
    const timestamp = headers[timestampHeader] ?? '';
    const atMs = unixSecondsMs(timestamp);
    const shown = hexOf(signature);
    if (shown === undefined || atMs === undefined) return 'wrong-secret';
    const known = hmacsOf(secrets, [timestamp, ':', body]);
    if (!fitsAny([shown], known)) return 'wrong-secret';
    return isInWindow(atMs, nowMs) ? 'admitted' : 'stale';
  },
  deliveryId: ({ headers }: Shown) => headers[timestampHeader],
  fix:
    'set the HMAC signature of the contact point: one of its secrets, header X-Grafana-Alerting-Signature, ' +
    'timestamp header X-Grafana-Alerting-Signature-Timestamp; and keep both clocks right',
};
