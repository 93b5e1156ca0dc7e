/** The notary's key on one machine: made once, kept in the state folder for its owner only, its public half beside it for everyone. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  makeSigningKeyText,
  parseSigningKey,
  verifierKeyText,
} from '../../activities/audit/note.js';

/** The public half; the key itself has the name without the suffix. */
export function publicKeyFileIn(stateFolder: string): string {
  return join(stateFolder, 'notary-key.pub');
}

/** Where checkpoints go until somebody names a better place. */
export function checkpointFolderIn(stateFolder: string): string {
  return join(stateFolder, 'checkpoints');
}

/** The key's file, the same on every start. */
export function notaryKey(stateFolder: string): string {
  const file = join(stateFolder, 'notary-key');
  if (!existsSync(file)) makeKeyFile(file, `belay.local/${randomBytes(4).toString('hex')}`);
  return file;
}

/** Writes a new key and its public half, `<file>.pub`, and answers the latter's text. Throws when the file is there already. */
export function makeKeyFile(file: string, name: string): string {
  if (existsSync(file))
    throw Object.assign(new Error(`${file} is there already`), { code: 'EEXIST' });
  mkdirSync(dirname(file), { recursive: true });
  const text = makeSigningKeyText(name);
  const verifier = `${verifierKeyText(parseSigningKey(text))}\n`;
  writeFileSync(`${file}.pub`, verifier);
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return verifier;
}

/** Undefined when this folder has none. */
export function publicKeyIn(stateFolder: string): string | undefined {
  const file = publicKeyFileIn(stateFolder);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
}
