/**
 * Standard Webhooks: signatures of `<id>.<unix seconds>.<body>`, several in one header: `v1` is HMAC-SHA256 under a
 * `whsec_` secret, `v1a` Ed25519 under a `whpk_` public key. Each version is held against keys of its own kind alone.
 */
import { createPublicKey, verify as verifySignature } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { base64Of, fitsAny, hmacsOf, signaturesMax } from './comparing.js';
import type { Scheme, Shown } from './scheme.js';
import { isInWindow, unixSecondsMs } from './timestamp.js';

export const standardWebhooks: Scheme = {
  name: 'standard-webhooks',
  signsBody: true,
  verify(shown, secrets) {
    const signatures = shown.headers['webhook-signature'];
    if (signatures === undefined) return 'no-secret';
    const id = shown.headers['webhook-id'] ?? '';
    const timestamp = shown.headers['webhook-timestamp'] ?? '';
    const atMs = unixSecondsMs(timestamp);
    if (id === '' || atMs === undefined) return 'wrong-secret';
    const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`, 'utf8'), shown.body]);
    if (!isSigned(signed, signatures, secrets)) return 'wrong-secret';
    return isInWindow(atMs, shown.nowMs) ? 'admitted' : 'stale';
  },
  deliveryId: ({ headers }: Shown) => headers['webhook-id'],
  fix:
    'sign with one of its secrets after the Standard Webhooks specification ' +
    '(webhook-id, webhook-timestamp, webhook-signature), and keep both clocks right',
};

function isSigned(signed: Buffer, header: string, secrets: readonly string[]): boolean {
  const items = header.split(' ', signaturesMax + 1);
  if (items.length > signaturesMax) return false;
  if (!items.every((item) => /^[a-z0-9]+,[A-Za-z0-9+/=]+$/.test(item))) return false;
  const hmacs = hmacsOf(keysOf(secrets, 'whsec_'), [signed]);
  const fits = fitsAny(bytesOf(items, 'v1,'), hmacs);
  const publicKeys = keysOf(secrets, 'whpk_').flatMap(publicKeyOf);
  return isSignedByAny(signed, bytesOf(items, 'v1a,'), publicKeys) || fits;
}

/** The bytes behind the items of one version; what is no canonical base64 is passed over. */
function bytesOf(items: readonly string[], prefix: string): Buffer[] {
  const found = items.filter((item) => item.startsWith(prefix));
  return found.flatMap((item) => base64Of(item.slice(prefix.length)) ?? []);
}

function keysOf(secrets: readonly string[], prefix: string): Buffer[] {
  return bytesOf(secrets, prefix);
}

function isSignedByAny(
  signed: Buffer,
  signatures: readonly Buffer[],
  keys: readonly KeyObject[],
): boolean {
  let fits = 0;
  for (const key of keys) {
    for (const signature of signatures) {
      fits |= Number(verifySignature(null, signed, key, signature));
    }
  }
  return fits === 1;
}

/** None for what is no Ed25519 key: it can then admit nobody. */
function publicKeyOf(raw: Buffer): KeyObject[] {
  try {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') };
    return [createPublicKey({ key: jwk, format: 'jwk' })];
  } catch {
    return [];
  }
}
