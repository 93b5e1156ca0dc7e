/** Who may send: a bearer token or a user and password, compared in constant time; knows nothing of the body. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Secrets } from '../settings.js';

export type Admission = 'admitted' | 'no-secret' | 'wrong-secret';

/** Answers for the value of the `Authorization` header. Every active secret is compared, whichever fits. */
export type Authenticate = (authorization: string | undefined) => Admission;

/** Without any secret nobody is admitted; the intake refuses to start like that. */
export function createAuthentication(secrets: Secrets): Authenticate {
  const known = [
    ...secrets.tokens.map((token) => hashOf(`bearer ${token}`)),
    ...secrets.basic.map((pair) => hashOf(`basic ${pair}`)),
  ];
  return (authorization) => {
    const shown = credentialOf(authorization ?? '');
    if (shown === undefined) return 'no-secret';
    return fitsAny(hashOf(shown), known) ? 'admitted' : 'wrong-secret';
  };
}

/** `bearer <token>` or `basic <user:password>`; undefined when the header is neither. */
function credentialOf(authorization: string): string | undefined {
  const [, scheme, value] = /^(bearer|basic) +(\S+) *$/i.exec(authorization) ?? [];
  if (scheme === undefined || value === undefined) return undefined;
  if (scheme.toLowerCase() === 'bearer') return `bearer ${value}`;
  return `basic ${Buffer.from(value, 'base64').toString('utf8')}`;
}

/** Hashes are of equal length whatever was shown; no early exit, so time tells nothing. */
function fitsAny(shown: Buffer, known: readonly Buffer[]): boolean {
  let fits = 0;
  for (const secret of known) fits |= Number(timingSafeEqual(shown, secret));
  return fits === 1;
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
