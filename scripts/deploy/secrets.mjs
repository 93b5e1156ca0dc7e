/**
 * `node scripts/deploy/secrets.mjs`: writes the secrets that docker-compose.yml mounts, at random, to deploy/secrets/. It
 * never replaces one that is there, and prints no value.
 */
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const defaultFolder = fileURLToPath(new URL('../../deploy/secrets/', import.meta.url));

/**
 * Answers the names of the files it wrote. The folder keeps others of this machine out; the files in it can be read by all,
 * since the containers they are mounted into run as users of their own.
 * @param {string} [folder]
 * @returns {string[]}
 */
export function writeSecrets(folder = defaultFolder) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  /** @type {string[]} */
  const written = [];
  /** @param {string} name @param {string} value */
  const keep = (name, value) => {
    const path = join(folder, name);
    if (existsSync(path)) return readFileSync(path, 'utf8');
    writeFileSync(path, value, { mode: 0o444 });
    written.push(name);
    return value;
  };
  keep('postgres-password', random());
  keep('temporal-password', random());
  const password = keep('belay-password', random());
  keep('database.env', `DATABASE_URL=postgres://belay:${password}@postgresql:5432/belay\n`);
  const { signing, verifier } = notaryKey();
  const notary = keep(
    'notary.env',
    `BELAY_NOTARY_KEY=${signing}\nBELAY_NOTARY_PUBLIC_KEY=${verifier}\n`,
  );
  const known = /^BELAY_NOTARY_PUBLIC_KEY=.*$/m.exec(notary)?.[0] ?? '';
  keep('cli.env', `BELAY_INTAKE_TOKEN=${keep('alert-token', random())}\n${known}\n`);
  keep('supervisor.conf', supervisorDoor(keep('supervisor-password', random())));
  return written;
}

/** Hexadecimal, so that it needs no quoting in a URL, in SQL or in a configuration file. */
function random() {
  return randomBytes(24).toString('hex');
}

/** As `belay audit key` makes one, before anything is built: the form is golang.org/x/mod/sumdb/note's. */
function notaryKey() {
  const name = `belay.local/${randomBytes(4).toString('hex')}`;
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  /** @param {Buffer} der */
  const typed = (der) => Buffer.concat([Buffer.of(1), der.subarray(-32)]);
  const seed = typed(privateKey.export({ format: 'der', type: 'pkcs8' }));
  const shown = typed(publicKey.export({ format: 'der', type: 'spki' }));
  const named = createHash('sha256').update(`${name}\n`).update(shown).digest('hex').slice(0, 8);
  return {
    signing: `PRIVATE+KEY+${name}+${named}+${seed.toString('base64')}`,
    verifier: `${name}+${named}+${shown.toString('base64')}`,
  };
}

/** The supervised side gets the hash only. @param {string} password */
function supervisorDoor(password) {
  const hash = createHash('sha1').update(password).digest('hex');
  return `[inet_http_server]\nport=0.0.0.0:9001\nusername=belay\npassword={SHA}${hash}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const written = writeSecrets();
  const what = written.length === 0 ? 'all were there' : `wrote ${written.join(', ')}`;
  process.stdout.write(`· deploy/secrets … ${what}\n`);
}
