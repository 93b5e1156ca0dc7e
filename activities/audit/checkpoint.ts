/**
 * Checkpoints (c2sp.org/tlog-checkpoint): origin, size and root of the ledger's tree, signed by the notary, and once more together
 * with the time (c2sp.org/tlog-cosignature, Ed25519). Text in, text out.
 */
import { bytesOf, hashIn, type Hash } from './merkle.js';
import {
  fromBase64,
  isSignedBy,
  keyIdOf,
  NoteError,
  noteText,
  signatureTypes,
  signBytes,
  splitNote,
  type NoteSignature,
  type SigningKey,
  type VerifierKey,
} from './note.js';

export interface Checkpoint {
  /** The name of the notary's key. */
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
  /** When the notary signed it, Unix milliseconds in whole seconds. */
  readonly atMs: number;
}

const { ed25519, timestamped } = signatureTypes;

/** The three lines that are signed. */
export function checkpointText({ origin, size, root }: Omit<Checkpoint, 'atMs'>): string {
  return `${origin}\n${size}\n${bytesOf(root).toString('base64')}\n`;
}

/** The whole note. The same input gives the same text: Ed25519 signatures are. */
export function signCheckpoint(
  key: SigningKey,
  { size, root, atMs }: Omit<Checkpoint, 'origin'>,
): string {
  const text = checkpointText({ origin: key.name, size, root });
  const atS = Math.floor(atMs / 1000);
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(atS));
  const cosignature = signBytes(key, timedText(text, atS));
  return noteText(text, [
    { name: key.name, id: keyIdOf(key, ed25519), signature: signBytes(key, text) },
    {
      name: key.name,
      id: keyIdOf(key, timestamped),
      signature: Buffer.concat([time, cosignature]),
    },
  ]);
}

function timedText(text: string, atS: number): string {
  return `cosignature/v1\ntime ${atS}\n${text}`;
}

/** What the note says, once both signatures of the key hold. Throws a NoteError saying which does not. */
export function openCheckpoint(note: string, key: VerifierKey): Checkpoint {
  const { text, signatures } = splitNote(note);
  const plain = ofKey(signatures, key, ed25519);
  if (plain === undefined) throw new NoteError(`it is not signed by ${key.name}`);
  if (!isSignedBy(key, text, plain)) throw new NoteError(`the signature of ${key.name} is wrong`);
  const timed = ofKey(signatures, key, timestamped);
  if (timed?.length !== 72) throw new NoteError(`${key.name} did not sign its time`);
  const atS = Number(timed.readBigUInt64BE(0));
  if (!isSignedBy(key, timedText(text, atS), timed.subarray(8)))
    throw new NoteError(`the signature of ${key.name} over its time is wrong`);
  const { origin, size, root } = parseCheckpoint(text);
  if (origin !== key.name) throw new NoteError(`its origin is not ${key.name}`);
  return { origin, size, root, atMs: atS * 1000 };
}

function ofKey(
  signatures: readonly NoteSignature[],
  key: VerifierKey,
  type: number,
): Buffer | undefined {
  const id = keyIdOf(key, type);
  return signatures.find((one) => one.name === key.name && one.id.equals(id))?.signature;
}

/** Throws a NoteError when the text is no checkpoint. Lines after the third are let be. */
export function parseCheckpoint(text: string): Omit<Checkpoint, 'atMs'> {
  const [origin = '', size = '', root = '', ...others] = text.split('\n');
  const hash = fromBase64(root);
  const endsWell = others.pop() === '' && others.every((line) => line !== '');
  if (origin === '' || !/^(0|[1-9]\d{0,14})$/.test(size) || hash?.length !== 32 || !endsWell)
    throw new NoteError('a checkpoint has three lines: origin, size and root');
  return { origin, size: Number(size), root: hashIn(hash) };
}
