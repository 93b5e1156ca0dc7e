/** SSH public keys as Node's keys, and how each kind signs; knows ed25519, ECDSA on NIST's curves, and RSA of 2048 bits or more. */
import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { MalformedSsh, WireReader } from './wire.js';

export interface SshPublicKey {
  readonly type: string;
  /** True when the signature, in SSH's own form, is this key's over these bytes. */
  verifies(signed: Buffer, signature: Buffer): boolean;
}

export const keyTypes = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
] as const;

const rsaBitsMin = 2048;

/** Throws MalformedSsh for what is no key of a known kind. */
export function parsePublicKey(blob: Buffer): SshPublicKey {
  const reader = new WireReader(blob, 'the public key');
  const type = reader.text();
  if (type === 'ssh-ed25519') return ed25519(reader);
  if (type === 'ssh-rsa') return rsa(reader);
  const curve = curves[type];
  if (curve !== undefined) return ecdsa(type, curve, reader);
  throw new MalformedSsh(`keys of type ${type.slice(0, 60)} are not taken; use ssh-ed25519`);
}

function ed25519(reader: WireReader): SshPublicKey {
  const x = reader.string();
  reader.end();
  if (x.length !== 32) throw new MalformedSsh('an ed25519 key has 32 bytes');
  const key = keyOf({ kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') });
  return {
    type: 'ssh-ed25519',
    verifies(signed, signature) {
      const bytes = signatureOf(signature, ['ssh-ed25519']).bytes;
      return bytes.length === 64 && verify(null, signed, key, bytes);
    },
  };
}

interface Curve {
  readonly name: string;
  readonly crv: string;
  readonly hash: string;
  readonly bytes: number;
}

const curves: Readonly<Record<string, Curve>> = {
  'ecdsa-sha2-nistp256': { name: 'nistp256', crv: 'P-256', hash: 'sha256', bytes: 32 },
  'ecdsa-sha2-nistp384': { name: 'nistp384', crv: 'P-384', hash: 'sha384', bytes: 48 },
  'ecdsa-sha2-nistp521': { name: 'nistp521', crv: 'P-521', hash: 'sha512', bytes: 66 },
};

function ecdsa(type: string, { name, crv, hash, bytes }: Curve, reader: WireReader): SshPublicKey {
  if (reader.text() !== name) throw new MalformedSsh('the curve is not that of the key type');
  const point = reader.string();
  reader.end();
  if (point.length !== 1 + 2 * bytes || point[0] !== 4) {
    throw new MalformedSsh('the point is not an uncompressed one of its curve');
  }
  const x = point.subarray(1, 1 + bytes).toString('base64url');
  const y = point.subarray(1 + bytes).toString('base64url');
  const key = keyOf({ kty: 'EC', crv, x, y });
  return {
    type,
    verifies(signed, signature) {
      const parts = new WireReader(signatureOf(signature, [type]).bytes, 'the signature');
      const [r, s] = [fixed(parts.string(), bytes), fixed(parts.string(), bytes)];
      parts.end();
      return verify(hash, signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.concat([r, s]));
    },
  };
}

function rsa(reader: WireReader): SshPublicKey {
  const e = unsigned(reader.string());
  const n = unsigned(reader.string());
  reader.end();
  const key = keyOf({ kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') });
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (bits < rsaBitsMin) throw new MalformedSsh(`an RSA key has at least ${rsaBitsMin} bits`);
  return {
    type: 'ssh-rsa',
    verifies(signed, signature) {
      const { type, bytes } = signatureOf(signature, ['rsa-sha2-512', 'rsa-sha2-256']);
      return verify(type === 'rsa-sha2-512' ? 'sha512' : 'sha256', signed, key, bytes);
    },
  };
}

function keyOf(jwk: Record<string, string>): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    throw new MalformedSsh('the public key is no point or number of its kind');
  }
}

function signatureOf(signature: Buffer, types: readonly string[]): { type: string; bytes: Buffer } {
  const reader = new WireReader(signature, 'the signature');
  const type = reader.text();
  const bytes = reader.string();
  reader.end();
  if (!types.includes(type))
    throw new MalformedSsh('the signature is of another kind than the key');
  return { type, bytes };
}

/** SSH writes numbers with a sign: a zero byte may stand before them. */
function unsigned(number: Buffer): Buffer {
  return number[0] === 0 ? number.subarray(1) : number;
}

function fixed(number: Buffer, length: number): Buffer {
  const bytes = unsigned(number);
  if (bytes.length > length) throw new MalformedSsh('a number of the signature is too long');
  return Buffer.concat([Buffer.alloc(length - bytes.length), bytes]);
}
