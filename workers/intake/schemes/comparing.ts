/** How schemes compare what is shown with what is known: in constant time, all of it; decides nothing about a request. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** A header may list several signatures; more than a rotation ever needs are not looked at. */
export const signaturesMax = 10;

/** Whether any of these is any of those. No early exit, so time tells nothing but their lengths. */
export function fitsAny(shown: readonly Buffer[], known: readonly Buffer[]): boolean {
  let fits = 0;
  for (const one of shown) {
    for (const other of known) fits |= Number(isEqual(one, other));
  }
  return fits === 1;
}

function isEqual(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Of equal length whatever the text: what `fitsAny` wants of secrets that are shown as they are. */
export function digestOf(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}

/** Whether a text is one of the secrets; an empty one is none. */
export function isSecret(shown: readonly string[], secrets: readonly string[]): boolean {
  return fitsAny(shown.map(digestOf), secrets.filter(isGiven).map(digestOf));
}

/** HMAC-SHA256 of the parts one after the other, under each key. Anybody can sign with an empty key, so there is none. */
export function hmacsOf(
  keys: readonly (string | Buffer)[],
  parts: readonly (string | Buffer)[],
): Buffer[] {
  return keys.filter(isGiven).map((key) => {
    const hmac = createHmac('sha256', key);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  });
}

function isGiven(secret: string | Buffer): boolean {
  return secret.length > 0;
}

/** The bytes of a SHA-256 in hex, as senders write it: 64 lower-case digits; undefined for anything else. */
export function hexOf(text: string): Buffer | undefined {
  return /^[0-9a-f]{64}$/.test(text) ? Buffer.from(text, 'hex') : undefined;
}

/** The bytes behind base64 in its one canonical spelling; undefined for anything else, the URL alphabet too. */
export function base64Of(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length > 0 && bytes.toString('base64') === text ? bytes : undefined;
}
