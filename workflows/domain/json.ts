/** Plain JSON, the only thing that may cross between the two halves; holds no behaviour beyond comparing and hashing it. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import canonicalize from 'canonicalize';

export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/**
 * The value as RFC 8785 canonical JSON: equal values give equal text, whatever the order of their keys.
 * Throws a TypeError for what is no JSON (a cycle, a function at the top), which is a bug of the caller.
 */
export function canonical(value: unknown): string {
  const text = (canonicalize as unknown as (input: unknown) => string | undefined)(value);
  if (text === undefined) throw new TypeError('only JSON values have a canonical form');
  return text;
}

/** Lower-case hex SHA-256 (FIPS 180-4) of the canonical form. Pure JavaScript: the sandbox has no crypto. */
export function digest(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(canonical(value))));
}

/** True when both values are the same JSON, key order aside. */
export function same(left: unknown, right: unknown): boolean {
  return canonical(left) === canonical(right);
}
