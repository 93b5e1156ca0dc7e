/**
 * Sealing: takes lines that were committed and are not in the tree yet, in the order of their numbers, adds them, and signs a
 * checkpoint over the whole, all in one transaction. It publishes nothing; what it signed and did not commit nobody ever saw.
 */
import { sql } from 'kysely';
import type { Db } from '../store/db.js';
import { openCheckpoint, signCheckpoint } from './checkpoint.js';
import { Frontier } from './frontier.js';
import { lineJson, readLine } from './leaf.js';
import type { Hash, Place } from './merkle.js';
import { type SigningKey } from './note.js';
import { addLeaves, frontierAt, isKept, TreeBroken, treeSize } from './tree.js';

export interface Sealed {
  readonly size: number;
  /** Lines that this sealing added. */
  readonly lines: number;
  /** True when there may be more of them. */
  readonly more: boolean;
}

export interface Sealer {
  /** Undefined when there was nothing to seal. Throws a TreeBroken when the database's tree is not the one that was signed. */
  seal(linesMax: number): Promise<Sealed | undefined>;
  /** Lines that wait, and how long the oldest has; counts no further than `most`. */
  waiting(most: number): Promise<{ readonly lines: number; readonly oldestMs: number }>;
}

/** Any number will do, as long as no other lock of ours has it: whoever holds it may write the tree. */
const treeLock = 6_962;

/** Where the tree ended, as this process last saw it; read again whenever the database says otherwise. */
interface Edge {
  readonly note: string | undefined;
  readonly frontier: Frontier;
  readonly atMs: number;
}

/** The numbers given out up to `seq` belong to transactions older than `xid`. */
interface Horizon {
  readonly seq: number;
  readonly xid: string;
}

/** One at a time is enough; several never hurt each other. `now` is Unix milliseconds. */
export function createSealer(db: Db, key: SigningKey, now: () => number = Date.now): Sealer {
  let known: Edge | undefined;
  let horizon: Horizon | undefined;

  const sealIn = async (transaction: Db, linesMax: number) => {
    await sql`SELECT pg_advisory_xact_lock(${treeLock}), set_config('TimeZone', 'UTC', true)`.execute(
      transaction,
    );
    const edge = await edgeOf(transaction, known, key);
    const past = await isPast(transaction, horizon);
    const texts = await unsealed(transaction, linesMax);
    const more = texts.length === linesMax;
    if (past && !more && horizon) await settle(transaction, horizon.seq);
    const next =
      texts.length === 0 ? undefined : await grow(transaction, { edge, texts, key, now });
    return { edge: next ?? edge, past, more, lines: texts.length };
  };

  return {
    async seal(linesMax) {
      const ahead = await horizonOf(db);
      const done = await db.transaction().execute((transaction) => sealIn(transaction, linesMax));
      known = done.edge;
      if (horizon === undefined || done.past) horizon = ahead;
      const { lines, more } = done;
      return lines === 0 ? undefined : { size: done.edge.frontier.size, lines, more };
    },
    async waiting(most) {
      const { rows } = await sql<{ lines: number; oldestMs: number }>`
        SELECT count(*) AS lines,
          coalesce(extract(epoch FROM clock_timestamp() - min(recorded_at)) * 1000, 0)::float8 AS "oldestMs"
        FROM (SELECT recorded_at FROM ledger AS line WHERE ${isUnsealed} ORDER BY seq LIMIT ${most}) AS waiting`.execute(
        db,
      );
      return rows[0] ?? { lines: 0, oldestMs: 0 };
    },
  };
}

/**
 * A line may commit after one with a higher number: what is above the settled number is compared with the leaves one by one, and
 * a number settles only when every transaction that could have had it or a lower one is over.
 */
const isUnsealed = sql<boolean>`
  line.seq > (SELECT settled_seq FROM ledger_notary)
  AND NOT EXISTS (SELECT FROM ledger_leaves WHERE ledger_leaves.seq = line.seq)`;

async function unsealed(db: Db, linesMax: number): Promise<string[]> {
  const { rows } = await sql<{ text: string }>`
    SELECT ${lineJson} AS text FROM ledger AS line WHERE ${isUnsealed} ORDER BY line.seq LIMIT ${linesMax}`.execute(
    db,
  );
  return rows.map(({ text }) => text);
}

/** The number first, the transaction after it: a writer has its transaction before it has its number (migration 0012). */
async function horizonOf(db: Db): Promise<Horizon> {
  const numbers = await sql<{ seq: number }>`
    SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS seq FROM ledger_numbers`.execute(db);
  const snapshot = await sql<{ xid: string }>`
    SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS xid`.execute(db);
  return { seq: numbers.rows[0]?.seq ?? 0, xid: snapshot.rows[0]?.xid ?? '0' };
}

async function isPast(db: Db, horizon: Horizon | undefined): Promise<boolean> {
  if (horizon === undefined) return false;
  const { rows } = await sql<{ past: boolean }>`
    SELECT pg_snapshot_xmin(pg_current_snapshot()) >= ${horizon.xid}::text::xid8 AS past`.execute(
    db,
  );
  return rows[0]?.past === true;
}

async function settle(db: Db, seq: number): Promise<void> {
  await sql`UPDATE ledger_notary SET settled_seq = ${seq} WHERE settled_seq < ${seq}`.execute(db);
}

/** Believes what it remembers only while the database's last checkpoint is still that one. */
async function edgeOf(db: Db, known: Edge | undefined, key: SigningKey): Promise<Edge> {
  const { rows } = await sql<{ note: string }>`
    SELECT note FROM ledger_checkpoints ORDER BY size DESC LIMIT 1`.execute(db);
  const note = rows[0]?.note;
  const size = await treeSize(db);
  if (known !== undefined && known.note === note && known.frontier.size === size) return known;
  if (note === undefined) {
    if (size > 0) throw new TreeBroken(`${size} leaves are in the tree, and no checkpoint is`);
    return { note, frontier: new Frontier(), atMs: 0 };
  }
  const signed = openCheckpoint(note, key);
  if (signed.size !== size)
    throw new TreeBroken(`the last checkpoint is of ${signed.size} leaves, the tree has ${size}`);
  const frontier = await frontierAt(db, size);
  if (frontier.root() !== signed.root)
    throw new TreeBroken(`the tree of ${size} leaves is not the one that was signed`);
  return { note, frontier, atMs: signed.atMs };
}

interface Growing {
  readonly edge: Edge;
  readonly texts: readonly string[];
  readonly key: SigningKey;
  readonly now: () => number;
}

async function grow(db: Db, { edge, texts, key, now }: Growing): Promise<Edge> {
  const leaves = texts.map(readLine);
  const frontier = edge.frontier.copy();
  const nodes: { place: Place; hash: Hash }[] = [];
  for (const { hash } of leaves) {
    frontier.add(hash, (place, whole) => {
      if (isKept(place)) nodes.push({ place, hash: whole });
    });
  }
  await addLeaves(db, { size: edge.frontier.size, leaves, nodes });
  const atMs = Math.max(edge.atMs, Math.floor(now() / 1000) * 1000);
  const note = signCheckpoint(key, { size: frontier.size, root: frontier.root(), atMs });
  await sql`
    INSERT INTO ledger_checkpoints (size, note, signed_at)
    VALUES (${frontier.size}, ${note}, to_timestamp(${atMs}::float8 / 1000))`.execute(db);
  return { note, frontier, atMs };
}
