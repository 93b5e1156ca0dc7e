/**
 * Writes an export that verifies without Belay: the entries just as they were hashed, as CSV too, the proof that they are in the
 * signed tree, the checkpoint, the key and the verifier. Refuses to export a line that is not the one that was sealed.
 */
import { createHash, hash, type Hash as Digest } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql, type RawBuilder } from 'kysely';
import type { Db } from '../store/db.js';
import { openCheckpoint, type Checkpoint } from './checkpoint.js';
import { canonicalText, lineJson, readLine } from './leaf.js';
import { bytesOf, hashIn, spansBeside, type Span } from './merkle.js';
import { verifierKeyText, type VerifierKey } from './note.js';
import { append, countOf } from './spans.js';
import { spanHashes } from './tree.js';

/** Everything sealed, unless narrowed. */
export interface Selection {
  readonly run?: string;
  readonly service?: string;
  /** Recorded at this moment or later; Unix milliseconds. */
  readonly sinceMs?: number;
  /** Recorded before this moment. */
  readonly untilMs?: number;
}

export interface BundlePlan {
  readonly db: Db;
  readonly key: VerifierKey;
  /** Made when it is not there; must be empty. */
  readonly folder: string;
  readonly selection: Selection;
  /** The verifier's own file, copied beside the entries. */
  readonly verifierFile: string;
}

export interface Bundle {
  readonly entries: number;
  readonly leaves: readonly Span[];
  readonly checkpoint: Checkpoint;
  /** SHA-256 of entries.jsonl, hex. */
  readonly digest: string;
}

/** The export was refused: why, and what to do. */
export class BundleError extends Error {
  override readonly name = 'BundleError';
}

const linesPerPage = 4_000;

export const bundleColumns = [
  'seq',
  'recorded_at',
  'at',
  'run',
  'kind',
  'says',
  'actor',
  'service',
  'environment',
  'tier',
  'runbook',
  'step',
  'action_class',
  'level',
  'reason',
  'outcome',
  'trigger',
  'duration_ms',
  'expected',
  'actual',
  'before_state',
  'after_state',
  'detail',
  'digest',
  'id',
];

/** Of one moment. Throws a BundleError when there is nothing to prove it by, or a line was changed. */
export async function writeBundle(plan: BundlePlan): Promise<Bundle> {
  const { db, folder } = plan;
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0)
    throw new BundleError(`${folder} is not empty: name a new folder`);
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (transaction) => {
      await sql`SELECT set_config('TimeZone', 'UTC', true)`.execute(transaction);
      return writeAll(transaction, plan);
    });
}

async function writeAll(db: Db, plan: BundlePlan): Promise<Bundle> {
  const { key, folder, selection } = plan;
  const note = await newestNote(db);
  const checkpoint = openCheckpoint(note, key);
  const { leaves, digests } = await writeEntries(db, plan, checkpoint.size);
  const known = leaves.flatMap(({ from, to }) => indexesOf(from, to));
  const spans = spansBeside(known, checkpoint.size);
  const hashes = await spanHashes(db, spans);
  const texts = {
    checkpoint: note,
    'key.pub': `${verifierKeyText(key)}\n`,
    'proof.json': JSON.stringify({
      v: 1,
      size: checkpoint.size,
      leaves: leaves.map(({ from, to }) => [from, to]),
      beside: spans.map(({ from, to }, at) => [
        from,
        to,
        bytesOf(hashes[at] ?? '').toString('base64'),
      ]),
    }),
    'README.txt': readme(verifierKeyText(key)),
  };
  for (const [name, text] of Object.entries(texts)) await writeFile(join(folder, name), text);
  await copyFile(plan.verifierFile, join(folder, 'verify.mjs'));
  const entries = countOf(leaves);
  const files = {
    ...digests,
    ...Object.fromEntries(
      Object.entries(texts).map(([name, text]) => [name, hash('sha256', text, 'hex')]),
    ),
  };
  const manifest = { v: 1, selection: shown(selection), entries, columns: bundleColumns, files };
  await writeFile(join(folder, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  return { entries, leaves, checkpoint, digest: digests['entries.jsonl'] };
}

function indexesOf(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, at) => from + at);
}

async function newestNote(db: Db): Promise<string> {
  const { rows } = await sql<{ note: string }>`
    SELECT note FROM ledger_checkpoints ORDER BY size DESC LIMIT 1`.execute(db);
  const note = rows[0]?.note;
  if (note === undefined)
    throw new BundleError('no line of this ledger is sealed yet: see that the notary runs');
  return note;
}

async function writeEntries(db: Db, { folder, selection }: BundlePlan, size: number) {
  const json = openFile(join(folder, 'entries.jsonl'));
  const csv = openFile(join(folder, 'entries.csv'));
  const leaves: Span[] = [];
  await csv.write(`${bundleColumns.join(',')}\r\n`);
  for await (const page of sealedLines(db, selection, size)) {
    const lines = page.map((row) => ({ ...row, line: readLine(row.text) }));
    for (const { leaf, hash: sealed, line } of lines) {
      if (line.hash !== hashIn(sealed))
        throw new BundleError(
          `line ${line.seq} is not the one that was sealed: belay audit verify says what else is wrong`,
        );
      append(leaves, leaf);
    }
    await json.write(lines.map(({ line }) => `${line.leaf}\n`).join(''));
    await csv.write(lines.map(({ line }) => csvRow(line.leaf)).join(''));
  }
  const digests = { 'entries.jsonl': await json.end(), 'entries.csv': await csv.end() };
  return { leaves, digests };
}

interface SealedLine {
  readonly leaf: number;
  readonly hash: Buffer;
  readonly text: string;
}

async function* sealedLines(db: Db, selection: Selection, size: number) {
  for (let after = -1; ;) {
    const { rows } = await sql<SealedLine>`
      SELECT leaf, hash, ${lineJson} AS text FROM ledger_leaves JOIN ledger AS line USING (seq)
      WHERE leaf > ${after} AND leaf < ${size} AND ${whereOf(selection)} ORDER BY leaf LIMIT ${linesPerPage}`.execute(
      db,
    );
    yield rows;
    if (rows.length < linesPerPage) return;
    after = rows.at(-1)?.leaf ?? size;
  }
}

function whereOf({ run, service, sinceMs, untilMs }: Selection): RawBuilder<unknown> {
  return sql.join(
    [
      sql`true`,
      ...(run === undefined ? [] : [sql`line.run = ${run}`]),
      ...(service === undefined ? [] : [sql`line.service = ${service}`]),
      ...(sinceMs === undefined
        ? []
        : [sql`line.recorded_at >= to_timestamp(${sinceMs}::float8 / 1000)`]),
      ...(untilMs === undefined
        ? []
        : [sql`line.recorded_at < to_timestamp(${untilMs}::float8 / 1000)`]),
    ],
    sql` AND `,
  );
}

function shown({ run, service, sinceMs, untilMs }: Selection): object {
  return {
    run,
    service,
    since: sinceMs === undefined ? undefined : new Date(sinceMs).toISOString(),
    until: untilMs === undefined ? undefined : new Date(untilMs).toISOString(),
  };
}

/** RFC 4180. The verifier makes the same of the same entry. */
function csvRow(leaf: string): string {
  const row = JSON.parse(leaf) as Readonly<Record<string, unknown>>;
  const cells = bundleColumns.map((name) => {
    const value = row[name] ?? '';
    const text = typeof value === 'string' ? value : canonicalText(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${cells.join(',')}\r\n`;
}

function openFile(path: string): { write(text: string): Promise<void>; end(): Promise<string> } {
  const digest: Digest = createHash('sha256');
  const stream: WriteStream = createWriteStream(path, { flags: 'wx' });
  const broken = once(stream, 'error').then(([error]) => Promise.reject(error as Error));
  broken.catch(() => undefined);
  return {
    async write(text) {
      digest.update(text);
      if (!stream.write(text)) await Promise.race([once(stream, 'drain'), broken]);
    },
    async end() {
      stream.end();
      await Promise.race([once(stream, 'close'), broken]);
      return digest.digest('hex');
    },
  };
}

function readme(key: string): string {
  return `An export of Belay's ledger.

  entries.jsonl   every entry, one a line, byte for byte as it was sealed (RFC 8785 canonical JSON)
  entries.csv     the same for a spreadsheet
  checkpoint      size and root of the whole ledger's Merkle tree (RFC 6962), signed (c2sp.org/tlog-checkpoint)
  proof.json      the leaves these entries are, and the roots beside them
  key.pub         the key that signed
  verify.mjs      node verify.mjs . --key <the key as you know it from elsewhere> --checkpoint <the file from outside>

The key that signed this export is ${key}

What verifies is that each entry is in the signed ledger, unchanged and at its place. That no entry of the run or service was
left out is shown by an export of the whole period: its leaves then follow one another without a hole.
`;
}
