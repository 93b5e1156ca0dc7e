/**
 * Signed notes (c2sp.org/signed-note) with Ed25519: keys as text, signing, and splitting a note into text and signatures.
 * It knows no checkpoint. A key's text is the one of golang.org/x/mod/sumdb/note.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';

/** What signs; its seed is kept in Node's own key object and never becomes text again. */
export interface SigningKey {
  readonly name: string;
  readonly privateKey: KeyObject;
  /** 32 bytes. */
  readonly publicKey: Buffer;
}

export interface VerifierKey {
  readonly name: string;
  /** 32 bytes. */
  readonly publicKey: Buffer;
}

export interface NoteSignature {
  readonly name: string;
  /** 4 bytes. */
  readonly id: Buffer;
  readonly signature: Buffer;
}

/** A key, a note or a checkpoint is not what it should be. Repeats nothing secret. */
export class NoteError extends Error {
  override readonly name = 'NoteError';
}

/** The kinds of signature that are used here: plain, and with the time it was made (c2sp.org/tlog-cosignature). */
export const signatureTypes = { ed25519: 0x01, timestamped: 0x04 } as const;

const signaturesMax = 100;
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex');
const nameForm = /^[^\s+\p{Cc}\p{Z}]+$/u;

/** A name without spaces, controls and `+`. */
export function isKeyName(name: string): boolean {
  return nameForm.test(name);
}

/** Says which key signed, of one type: the first four bytes of a hash over name, type and public key. */
export function keyIdOf({ name, publicKey }: VerifierKey, type: number): Buffer {
  const bytes = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(type), publicKey]);
  return hash('sha256', bytes, 'buffer').subarray(0, 4);
}

/** `<name>+<key id>+<type and public key in base64>`: what verifiers are given. */
export function verifierKeyText(key: VerifierKey): string {
  const { ed25519 } = signatureTypes;
  const material = Buffer.concat([Buffer.of(ed25519), key.publicKey]).toString('base64');
  return `${key.name}+${keyIdOf(key, ed25519).toString('hex')}+${material}`;
}

/** Throws a NoteError that says what is wrong with it. */
export function parseVerifierKey(text: string): VerifierKey {
  const [, name = '', id = '', material = ''] =
    /^([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim()) ?? [];
  const bytes = fromBase64(material);
  if (!isKeyName(name) || bytes === undefined)
    throw new NoteError('a verifier key looks like <name>+<8 hex digits>+<base64>');
  if (bytes[0] !== signatureTypes.ed25519 || bytes.length !== 33)
    throw new NoteError('only Ed25519 verifier keys (type 1) are taken');
  const key = { name, publicKey: bytes.subarray(1) };
  if (keyIdOf(key, signatureTypes.ed25519).toString('hex') !== id)
    throw new NoteError('the verifier key is damaged: its id does not fit its name and key');
  return key;
}

/** A new key as the text of its file. */
export function makeSigningKeyText(name: string): string {
  if (!isKeyName(name)) throw new NoteError('a key name is without spaces and plus signs');
  const { privateKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(pkcs8Prefix.length);
  const { ed25519 } = signatureTypes;
  const id = keyIdOf({ name, publicKey: rawPublicKey(privateKey) }, ed25519).toString('hex');
  const material = Buffer.concat([Buffer.of(ed25519), seed]).toString('base64');
  return `PRIVATE+KEY+${name}+${id}+${material}\n`;
}

/** Throws a NoteError that says what is wrong and repeats nothing of the text. */
export function parseSigningKey(text: string): SigningKey {
  const form = /^PRIVATE\+KEY\+([^+\s]+)\+([0-9a-f]{8})\+(\S+)$/;
  const [, name = '', id = '', material = ''] = form.exec(text.trim()) ?? [];
  const bytes = fromBase64(material);
  if (bytes === undefined || bytes.length !== 33 || bytes[0] !== signatureTypes.ed25519)
    throw new NoteError('a signing key looks like PRIVATE+KEY+<name>+<8 hex digits>+<base64>');
  const der = Buffer.concat([pkcs8Prefix, bytes.subarray(1)]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const key = { name, privateKey, publicKey: rawPublicKey(privateKey) };
  if (keyIdOf(key, signatureTypes.ed25519).toString('hex') !== id)
    throw new NoteError('the signing key is damaged: its id does not fit its name and key');
  return key;
}

function rawPublicKey(privateKey: KeyObject): Buffer {
  const der = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return der.subarray(spkiPrefix.length);
}

const publicKeys = new WeakMap<VerifierKey, KeyObject>();

/** Made once for each key: making it takes as long as checking a signature. */
function publicKeyOf(key: VerifierKey): KeyObject {
  const known = publicKeys.get(key);
  if (known !== undefined) return known;
  const der = Buffer.concat([spkiPrefix, key.publicKey]);
  const made = createPublicKey({ key: der, format: 'der', type: 'spki' });
  publicKeys.set(key, made);
  return made;
}

/** 64 bytes. */
export function signBytes({ privateKey }: SigningKey, message: string): Buffer {
  return sign(null, Buffer.from(message), privateKey);
}

/** Never throws: what cannot be a signature is none. */
export function isSignedBy(key: VerifierKey, message: string, signature: Buffer): boolean {
  try {
    return verify(null, Buffer.from(message), publicKeyOf(key), signature);
  } catch {
    return false;
  }
}

/** The text ends with a newline and holds no other control characters. */
export function noteText(text: string, signatures: readonly NoteSignature[]): string {
  const lines = signatures.map(({ name, id, signature }) => {
    return `— ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`;
  });
  return `${text}\n${lines.join('')}`;
}

/** Throws a NoteError when it is no signed note; says nothing of whether a signature is good. */
export function splitNote(note: string): { text: string; signatures: readonly NoteSignature[] } {
  const cut = note.lastIndexOf('\n\n');
  const hasControls = [...note].some((letter) => letter < ' ' && letter !== '\n');
  if (cut < 0 || hasControls || !note.endsWith('\n')) throw new NoteError('this is no signed note');
  const lines = note.slice(cut + 2, -1).split('\n');
  if (lines.length > signaturesMax) throw new NoteError('too many signatures');
  return { text: note.slice(0, cut + 1), signatures: lines.map(signatureIn) };
}

function signatureIn(line: string): NoteSignature {
  const [, name = '', base64 = ''] = /^— (\S+) (\S+)$/u.exec(line) ?? [];
  const bytes = fromBase64(base64);
  if (!isKeyName(name) || bytes === undefined || bytes.length < 5)
    throw new NoteError('a signature line looks like "— <name> <base64>"');
  return { name, id: bytes.subarray(0, 4), signature: bytes.subarray(4) };
}

/** Undefined for what is not exactly RFC 4648 base64 with padding. */
export function fromBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return text !== '' && bytes.toString('base64') === text ? bytes : undefined;
}
