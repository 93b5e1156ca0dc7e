/**
 * An access token of Microsoft Entra ID, read strictly: RS256 and nothing else, every claim of its own type. It says what the
 * token claims and whether a key signed that; it knows no tenant of ours, no clock and no network.
 */
import { verify as verifySignature } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { z } from 'zod';
import { decodeJson } from '../../../activities/senders/json.js';

/** Entra's are about 2 KB; longer ones are not even decoded. */
const lengthMax = 8 * 1024;
const text = z.string().min(1).max(512);

/** `crit` would be an order that we do not know; `jwk` and its like are not looked at. */
const header = z.looseObject({
  alg: z.literal('RS256'),
  kid: text,
  crit: z.undefined().optional(),
});

const seconds = z.number().int().min(0).max(100_000_000_000);
const claims = z.looseObject({
  iss: text,
  /** One text: a list of audiences is no token for us alone. */
  aud: text,
  tid: text,
  exp: seconds,
  nbf: seconds,
  roles: z.array(text).max(200).optional(),
  /** Who asked for the token: version 1 says it one way, version 2 the other. */
  appid: text.optional(),
  azp: text.optional(),
});

export type EntraClaims = z.infer<typeof claims>;

export interface EntraToken {
  readonly kid: string;
  /** Nobody has vouched for them yet. */
  readonly claims: EntraClaims;
  readonly signed: Buffer;
  readonly signature: Buffer;
}

/** Undefined for what is no such token. */
export function readEntraToken(token: string): EntraToken | undefined {
  const parts = token.length > lengthMax ? [] : token.split('.').map(bytesOf);
  const [head, body, signature] = parts;
  if (parts.length !== 3 || !head || !body || !signature) return undefined;
  const known = header.safeParse(jsonOf(head));
  const claimed = claims.safeParse(jsonOf(body));
  if (!known.success || !claimed.success) return undefined;
  const signed = Buffer.from(token.slice(0, token.lastIndexOf('.')), 'latin1');
  return { kid: known.data.kid, claims: claimed.data, signed, signature };
}

/** Whether this key signed it. Keys are RSA, of 2,048 bits and more: whoever hands them in sees to that. */
export function isSignedBy({ signed, signature }: EntraToken, key: KeyObject): boolean {
  return verifySignature('sha256', signed, key, signature);
}

/** The bytes behind base64url in its one canonical spelling; undefined for anything else, and for none. */
function bytesOf(part: string): Buffer | undefined {
  const bytes = Buffer.from(part, 'base64url');
  return bytes.length > 0 && bytes.toString('base64url') === part ? bytes : undefined;
}

function jsonOf(bytes: Buffer): unknown {
  const decoded = decodeJson(bytes);
  return decoded.ok ? decoded.value : undefined;
}
