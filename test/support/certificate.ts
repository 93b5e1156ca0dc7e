/** Certificates for tests, made anew each time: as much of X.509 as a client, a server and SNS need. */
import { sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export interface Wanted {
  /** Attribute and value, most general first. */
  readonly subject: readonly (readonly ['O' | 'CN', string])[];
  readonly publicKey: KeyObject;
  readonly issuer: {
    readonly subject: readonly (readonly ['O' | 'CN', string])[];
    readonly privateKey: KeyObject;
  };
  readonly validFromMs: number;
  readonly validToMs: number;
  readonly isCa?: boolean;
}

/** In PEM. */
export function certificate(wanted: Wanted): string {
  const algorithm = algorithmOf(wanted.issuer.privateKey);
  const toSign = sequence(
    tagged(0xa0, integer(2)),
    integer(0x01_00_00_00 + Math.floor(Math.random() * 0x1_00_00)),
    algorithm,
    nameOf(wanted.issuer.subject),
    sequence(timeOf(wanted.validFromMs), timeOf(wanted.validToMs)),
    nameOf(wanted.subject),
    wanted.publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensionsOf(wanted))),
  );
  const signature = sign('sha256', toSign, wanted.issuer.privateKey);
  const der = sequence(toSign, algorithm, tagged(0x03, Buffer.from([0]), signature));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function extensionsOf({ isCa }: Wanted): Buffer[] {
  const yes = tagged(0x01, Buffer.from([0xff]));
  const basicConstraints = sequence(
    oid('551d13'),
    yes,
    tagged(0x04, isCa === true ? sequence(yes) : sequence()),
  );
  const loopback = tagged(0x87, Buffer.from([127, 0, 0, 1]));
  const names = sequence(oid('551d11'), tagged(0x04, sequence(loopback)));
  return isCa === true ? [basicConstraints] : [basicConstraints, names];
}

function algorithmOf(key: KeyObject): Buffer {
  const isRsa = key.asymmetricKeyType === 'rsa';
  return isRsa
    ? sequence(oid('2a864886f70d01010b'), Buffer.from([5, 0]))
    : sequence(oid('2a8648ce3d040302'));
}

function nameOf(parts: Wanted['subject']): Buffer {
  const sets = parts.map(([name, value]) => {
    const attribute = oid(name === 'O' ? '55040a' : '550403');
    return tagged(0x31, sequence(attribute, tagged(0x0c, Buffer.from(value, 'utf8'))));
  });
  return sequence(...sets);
}

/** GeneralizedTime, which every reader takes for any year. */
function timeOf(atMs: number): Buffer {
  const text = new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z');
  return tagged(0x18, Buffer.from(text.replace(/[-:T]/g, ''), 'ascii'));
}

function integer(value: number): Buffer {
  const hex = value.toString(16);
  return tagged(0x02, Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex'));
}

function oid(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts);
}

function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const long = length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(length < 128 ? [tag, length] : [tag, ...long]), content]);
}
