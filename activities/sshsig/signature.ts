/**
 * Signatures as `ssh-keygen -Y sign` writes them (OpenSSH, PROTOCOL.sshsig): takes the armour off and verifies. Whose key it is,
 * is told by the allowed signers.
 */
import { createHash } from 'node:crypto';
import { parsePublicKey } from './public-key.js';
import { MalformedSsh, WireReader, wireString } from './wire.js';

const magic = 'SSHSIG';
const hashes: readonly string[] = ['sha256', 'sha512'];
/** Characters; one of an RSA key of 16384 bits has some 6,000. */
const armourMax = 20_000;

export interface SshSignature {
  /** Of the key that says it signed, in SSH's form. */
  readonly publicKey: Buffer;
  readonly namespace: string;
  /** True when the key signed exactly these bytes under that namespace. */
  verifies(message: Buffer): boolean;
}

/** Throws MalformedSsh for what is no signature. */
export function parseSignature(armoured: string): SshSignature {
  const reader = new WireReader(unarmoured(armoured), 'the signature');
  if (reader.raw(magic.length).toString('latin1') !== magic || reader.uint32() !== 1) {
    throw new MalformedSsh('it is no signature of version 1');
  }
  const publicKey = reader.string();
  const namespace = reader.text();
  const reserved = reader.string();
  const hash = reader.text();
  const signature = reader.string();
  reader.end();
  if (!hashes.includes(hash)) throw new MalformedSsh(`its hash is none of ${hashes.join(', ')}`);
  const key = parsePublicKey(publicKey);
  return {
    publicKey,
    namespace,
    verifies(message) {
      const digest = createHash(hash).update(message).digest();
      const parts = [namespace, reserved, hash, digest].map((part) => wireString(part));
      return key.verifies(Buffer.concat([Buffer.from(magic), ...parts]), signature);
    },
  };
}

function unarmoured(text: string): Buffer {
  if (text.length > armourMax) throw new MalformedSsh('the signature is too long');
  const body =
    /^-----BEGIN SSH SIGNATURE-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END SSH SIGNATURE-----\s*$/.exec(
      text.trimStart(),
    )?.[1];
  if (body === undefined) throw new MalformedSsh('it is no SSH signature: its armour is missing');
  return strictBase64(body.replace(/[\r\n]/g, ''), 'the signature');
}

/** Throws MalformedSsh for text that is no base64 in its one usual form. */
export function strictBase64(text: string, what: string): Buffer {
  const bytes = Buffer.from(text, 'base64');
  if (text === '' || bytes.toString('base64') !== text) {
    throw new MalformedSsh(`${what} is no base64`);
  }
  return bytes;
}
