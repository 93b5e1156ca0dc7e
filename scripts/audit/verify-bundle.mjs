/**
 * Verifies an export of Belay's ledger with nothing but Node (20 or later): no package, no network, no database, nothing of Belay.
 *   node verify.mjs [folder] [--key <verifier key>] [--checkpoint <file>]
 * It answers 0 when every entry is in the tree that was signed, and 1 with the reason when not. Give the key as you know it from
 * elsewhere, and a checkpoint from where they are kept: what is in the folder only proves that the folder fits itself.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @param {string} why @returns {never} */
function fail(why) {
  throw new Error(why);
}

/** @param {...(string | Uint8Array)} parts */
function sha256(...parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** RFC 6962: 0x00 before a leaf, 0x01 before a node. @param {string} text */
const leafHash = (text) => sha256(Uint8Array.of(0), text);
/** @param {Uint8Array} left @param {Uint8Array} right */
const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

/**
 * c2sp.org/signed-note and c2sp.org/tlog-checkpoint.
 * @param {string} note @param {string} vkey
 */
function openCheckpoint(note, vkey) {
  const [, name = '', material = ''] = /^([^+\s]+)\+[0-9a-f]{8}\+(\S+)$/.exec(vkey.trim()) ?? [];
  const key = Buffer.from(material, 'base64');
  if (key.length !== 33 || key[0] !== 1) fail('the key is no Ed25519 verifier key');
  const cut = note.lastIndexOf('\n\n');
  const text = note.slice(0, cut + 1);
  const signer = { name, key };
  const plain = signatureOf(note.slice(cut + 2), signer, 1);
  const timed = signatureOf(note.slice(cut + 2), signer, 4);
  const atS = timed.readBigUInt64BE(0);
  if (!isSigned(key, text, plain)) fail(`the checkpoint is not signed by ${name}`);
  if (!isSigned(key, `cosignature/v1\ntime ${atS}\n${text}`, timed.subarray(8)))
    fail(`the time of the checkpoint is not signed by ${name}`);
  const [origin, size = '', root = ''] = text.split('\n');
  if (origin !== name || !/^\d{1,15}$/.test(size)) fail('the checkpoint is not one of this ledger');
  return { name, size: Number(size), root, at: new Date(Number(atS) * 1000).toISOString() };
}

/** @param {string} lines @param {{ name: string, key: Buffer }} signer @param {number} type */
function signatureOf(lines, { name, key }, type) {
  const id = sha256(`${name}\n`, Uint8Array.of(type), key.subarray(1)).subarray(0, 4);
  for (const line of lines.split('\n')) {
    const [, by, base64 = ''] = /^— (\S+) (\S+)$/u.exec(line) ?? [];
    const bytes = Buffer.from(base64, 'base64');
    if (by === name && bytes.subarray(0, 4).equals(id)) return bytes.subarray(4);
  }
  return fail(`the checkpoint is not signed by ${name}`);
}

/** @param {Buffer} key @param {string} text @param {Uint8Array} signature */
function isSigned(key, text, signature) {
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key.subarray(1)]);
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return verify(null, Buffer.from(text), publicKey, signature);
}

/**
 * The root of a tree from the leaves that are here and the roots of what is beside them.
 * @param {number} size @param {Map<number, Uint8Array>} leaves @param {Map<string, Uint8Array>} beside
 */
function rootOf(size, leaves, beside) {
  /** @param {number} from @param {number} to @returns {Uint8Array} */
  const over = (from, to) => {
    const known = beside.get(`${from}-${to}`);
    if (known !== undefined) return known;
    if (to - from === 1) return leaves.get(from) ?? fail(`nothing proves leaf ${from}`);
    let left = 1;
    while (left * 2 < to - from) left *= 2;
    return nodeHash(over(from, from + left), over(from + left, to));
  };
  return size === 0 ? sha256('') : over(0, size);
}

/** @param {string} text */
function cell(text) {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** @param {unknown} value @returns {string} */
function canonical(value) {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const pairs = Object.entries(value).sort(([one], [two]) => (one < two ? -1 : 1));
  return `{${pairs.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(',')}}`;
}

/** @param {string[]} entries @param {string[]} columns */
function csvOf(entries, columns) {
  const rows = entries.map((entry) => {
    const row = JSON.parse(entry);
    const cells = columns.map((name) => {
      const value = row[name] ?? '';
      return cell(typeof value === 'string' ? value : canonical(value));
    });
    return `${cells.join(',')}\r\n`;
  });
  return `${columns.join(',')}\r\n${rows.join('')}`;
}

/** @param {string[]} args @returns {{ folder: string, key?: string, checkpoint?: string }} */
function argumentsOf(args) {
  const [key, checkpoint] = ['--key', '--checkpoint'].map((name) => {
    const at = args.indexOf(name);
    return at < 0 ? undefined : args.splice(at, 2)[1];
  });
  return { folder: args[0] ?? '.', ...(key && { key }), ...(checkpoint && { checkpoint }) };
}

/** @param {string[]} args */
function main(args) {
  const { folder, key, checkpoint } = argumentsOf([...args]);
  /** @param {string} name */
  const read = (name) => readFileSync(join(folder, name), 'utf8');
  const manifest = JSON.parse(read('manifest.json'));
  for (const [name, digest] of Object.entries(manifest.files)) {
    if (sha256(readFileSync(join(folder, name))).toString('hex') !== digest)
      fail(`${name} is not the file that was exported`);
  }
  const note = read('checkpoint');
  const signed = openCheckpoint(note, key ?? read('key.pub'));
  if (checkpoint !== undefined && readFileSync(checkpoint, 'utf8') !== note)
    fail(`${checkpoint} is not the checkpoint of this export`);
  const proof = JSON.parse(read('proof.json'));
  const entries = read('entries.jsonl').split('\n').slice(0, -1);
  /** @type {Map<number, Uint8Array>} */
  const leaves = new Map();
  let at = 0;
  for (const [from, to] of proof.leaves) {
    for (let index = from; index < to; index += 1, at += 1) {
      const entry = entries[at] ?? fail(`the entry of leaf ${index} is missing`);
      leaves.set(index, leafHash(entry));
    }
  }
  if (at !== entries.length) fail(`${entries.length - at} entries have no leaf`);
  const beside = new Map();
  for (const [from, to, hash] of proof.beside) {
    for (const [first, end] of proof.leaves) {
      if (first < to && from < end) fail(`the proof covers leaf ${Math.max(first, from)} twice`);
    }
    beside.set(`${from}-${to}`, Buffer.from(hash, 'base64'));
  }
  const root = Buffer.from(rootOf(signed.size, leaves, beside)).toString('base64');
  if (root !== signed.root) fail('an entry, its place or the proof is not what was signed');
  if (read('entries.csv') !== csvOf(entries, manifest.columns))
    fail('entries.csv says something else');
  const trust =
    key === undefined
      ? '; the key is the one in this folder: compare it with the one you know'
      : '';
  console.log(
    `ok: ${entries.length} entries are in the ledger of ${signed.size} lines that ${signed.name} signed at ${signed.at}${trust}`,
  );
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(`not verified: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
