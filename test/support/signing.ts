/** For the tests of the schemes: requests as they show themselves, and signatures made with node:crypto alone. */
import { createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Shown } from '../../workers/intake/schemes/scheme.js';

export type ShownHeaders = Record<string, string | undefined>;

/** Saturday, 21 November 2026, on a whole second. */
export const nowMs = Date.UTC(2026, 10, 21, 10, 0, 0);
export const nowSeconds = String(nowMs / 1000);

export function shown(headers: ShownHeaders, body: Buffer | string = ''): Shown {
  return { headers, body: Buffer.from(body), url: '/v1/alerts/x', certificate: null, nowMs };
}

export function hexHmac(secret: string, ...parts: readonly (string | Buffer)[]): string {
  return hmacOf(secret, parts).toString('hex');
}

export function hmacOf(secret: string | Buffer, parts: readonly (string | Buffer)[]): Buffer {
  const hmac = createHmac('sha256', secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

/** PKCS #8 around a raw Ed25519 seed. */
export function ed25519Of(seed: Buffer): { privateKey: KeyObject; whpk: string } {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return { privateKey, whpk: `whpk_${Buffer.from(x, 'base64url').toString('base64')}` };
}

export interface Signed {
  readonly id: string;
  readonly timestamp: string;
  readonly body: Buffer | string;
}

/** One item of `webhook-signature`: `v1` under a whsec_ secret, `v1a` under a private key. */
export function standardItem(key: string | KeyObject, { id, timestamp, body }: Signed): string {
  const parts = [`${id}.${timestamp}.`, body];
  if (typeof key !== 'string') {
    const text = Buffer.concat(parts.map((part) => Buffer.from(part)));
    return `v1a,${sign(null, text, key).toString('base64')}`;
  }
  const secret = Buffer.from(key.replace('whsec_', ''), 'base64');
  return `v1,${hmacOf(secret, parts).toString('base64')}`;
}
