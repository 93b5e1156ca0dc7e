/** A client certificate that a client CA of ours vouches for and that is on the list, by fingerprint or by subject. */
import { isSecret } from './comparing.js';
import type { Scheme } from './scheme.js';

export const mutualTls: Scheme = {
  name: 'mutual-tls',
  signsBody: false,
  verify({ certificate, nowMs }, secrets) {
    if (certificate === null) return 'no-secret';
    if (!certificate.isTrusted) return 'wrong-secret';
    const { fingerprint, subject, validUntilMs } = certificate;
    const names = subject === null ? [fingerprint] : [fingerprint, subject];
    if (!isSecret(names, secrets.map(plain))) return 'wrong-secret';
    return nowMs <= validUntilMs ? 'admitted' : 'stale'; // a connection may outlive its certificate
  },
  fix: 'show a client certificate that is on its list and signed by the client CA',
};

/** Fingerprints are written with colons and in capitals too. */
function plain(secret: string): string {
  return secret.startsWith('/') ? secret : secret.replaceAll(':', '').toLowerCase();
}
