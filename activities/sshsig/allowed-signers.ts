/**
 * OpenSSH's allowed-signers file (ssh-keygen(1), "ALLOWED SIGNERS"): whose key may sign what, and when. One person a line; what
 * it does not understand is an error with the line, never a line that is left out.
 */
import { optionsOf, type SignerOptions } from './signer-options.js';
import { keyTypes, parsePublicKey } from './public-key.js';
import { strictBase64 } from './signature.js';
import { MalformedSsh } from './wire.js';

export interface AllowedSigner extends SignerOptions {
  /** The person, by the one name of the line. */
  readonly person: string;
  readonly publicKey: Buffer;
  readonly line: number;
}

/** A file that cannot be used; the message names file, line and fix. */
export class SignersError extends Error {
  override readonly name = 'SignersError';
}

/** Throws a SignersError; `name` is what the message calls the file. */
export function parseAllowedSigners(text: string, name: string): AllowedSigner[] {
  const signers = linesOf(text).map(([line, content]) => {
    return at(name, line, () => ({ ...signerOf(content), line }));
  });
  for (const signer of signers) {
    const other = signers.find(({ person, publicKey }) => {
      return person !== signer.person && publicKey.equals(signer.publicKey);
    });
    if (other === undefined) continue;
    const why = `the key of ${signer.person} is also ${other.person}'s (line ${other.line}); a key is one person's`;
    throw new SignersError(`${name}:${signer.line}: ${why}`);
  }
  return signers;
}

/** Keys that no longer count, a public key a line, as `ssh-keygen -Y verify -r` takes them; its binary lists are refused. */
export function parseRevokedKeys(text: string, name: string): Buffer[] {
  if (text.startsWith('SSHKRL')) {
    throw new SignersError(
      `${name}:1: it is a binary revocation list; give public keys, one a line`,
    );
  }
  return linesOf(text).map(([line, content]) => {
    return at(name, line, () => keyOf(content.split(/\s+/)));
  });
}

function linesOf(text: string): [line: number, content: string][] {
  return text
    .split(/\r?\n/)
    .map((content, index): [number, string] => [index + 1, content.trim()])
    .filter(([, content]) => content !== '' && !content.startsWith('#'));
}

function at<Result>(name: string, line: number, parse: () => Result): Result {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof MalformedSsh)) throw error;
    throw new SignersError(`${name}:${line}: ${error.message}`);
  }
}

function signerOf(content: string): Omit<AllowedSigner, 'line'> {
  const [, quoted, bare, rest = ''] = /^(?:"([^"]*)"|([^\s"]+))\s+(.*)$/.exec(content) ?? [];
  const person = quoted ?? bare ?? '';
  if (person === '') throw new MalformedSsh('a line is: person [options] key-type key');
  if (/[*?!,]/.test(person)) {
    throw new MalformedSsh(`"${person}" is a pattern or a list; name one person a line`);
  }
  const [first = ''] = rest.split(/\s/);
  if (isKeyType(first)) return { person, publicKey: keyOf(rest.split(/\s+/)), ...optionsOf('') };
  const end = endOfOptions(rest);
  const options = optionsOf(rest.slice(0, end));
  return { person, publicKey: keyOf(rest.slice(end).trim().split(/\s+/)), ...options };
}

/** Options end at the first blank that stands in no quotes. */
function endOfOptions(text: string): number {
  const options = /^(?:[^\s"]|"(?:[^"\\]|\\.)*")+/.exec(text)?.[0];
  if (options === undefined) throw new MalformedSsh('the options are not closed');
  return options.length;
}

function isKeyType(text: string): boolean {
  return (keyTypes as readonly string[]).includes(text);
}

function keyOf([type = '', base64 = '']: readonly string[]): Buffer {
  if (!isKeyType(type)) {
    throw new MalformedSsh(
      `"${type.slice(0, 60)}" is no key type taken here: ${keyTypes.join(', ')}`,
    );
  }
  const blob = strictBase64(base64, 'the key');
  const { type: inside } = parsePublicKey(blob);
  if (inside !== type) throw new MalformedSsh(`the line says ${type}, the key is ${inside}`);
  return blob;
}
