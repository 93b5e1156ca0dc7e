/**
 * The tree as the database keeps it: every leaf, and the roots of every 256, 65,536, ... leaves. Reads hashes from it and adds to
 * it; decides nothing, and trusts nothing it reads more than the database is trusted.
 */
import { sql } from 'kysely';
import type { Db } from '../store/db.js';
import { Frontier } from './frontier.js';
import {
  bytesOf,
  hashIn,
  joined,
  nodeHash,
  placesOf,
  type Hash,
  type Place,
  type Span,
} from './merkle.js';

/** Levels between those that are kept: a place is at most 128 hashes away from what is kept. */
const keptEvery = 8;

/** The tree in the database lacks something that its size says it has. */
export class TreeBroken extends Error {
  override readonly name = 'TreeBroken';
}

/** The leaves themselves are kept beside their lines' numbers, not as nodes. */
export function isKept({ level }: Place): boolean {
  return level > 0 && level % keptEvery === 0;
}

interface KeptRange {
  readonly level: number;
  readonly first: number;
  readonly count: number;
}

function keptRange({ level, index }: Place): KeptRange {
  const above = level % keptEvery;
  return { level: level - above, first: index * 2 ** above, count: 2 ** above };
}

/** The roots of these places, in their order. Throws a TreeBroken when a hash is not there. */
export async function hashesAt(db: Db, places: readonly Place[]): Promise<Hash[]> {
  if (places.length === 0) return [];
  const ranges = places.map(keptRange);
  const numbered = JSON.stringify(ranges.map((range, ord) => ({ ord, ...range })));
  const { rows } = await sql<{ ord: number; hash: Buffer }>`
    WITH range AS (
      SELECT * FROM jsonb_to_recordset(${numbered}::jsonb) AS range(ord int, level int, first bigint, count bigint)
    )
    SELECT ord, hash, leaf AS at FROM range JOIN ledger_leaves ON leaf >= first AND leaf < first + count WHERE range.level = 0
    UNION ALL
    SELECT ord, hash, index AS at FROM range JOIN ledger_nodes AS node
      ON node.level = range.level AND index >= first AND index < first + count WHERE range.level > 0
    ORDER BY ord, at`.execute(db);
  const found = ranges.map((): Hash[] => []);
  for (const { ord, hash } of rows) found[ord]?.push(hashIn(hash));
  return ranges.map(({ count }, ord) => perfectRoot(found[ord] ?? [], count));
}

function perfectRoot(hashes: readonly Hash[], count: number): Hash {
  if (hashes.length !== count)
    throw new TreeBroken(`the tree in the database has ${hashes.length} of ${count} hashes`);
  let row = hashes;
  while (row.length > 1) row = pairsOf(row).map(([left, right]) => nodeHash(left, right));
  return joined(row);
}

function pairsOf(row: readonly Hash[]): [Hash, Hash][] {
  return row.flatMap((left, at): [Hash, Hash][] => {
    const right = row[at + 1];
    return at % 2 === 0 && right !== undefined ? [[left, right]] : [];
  });
}

/** The roots of spans, as proofs hold them, in their order. Throws a TreeBroken when a hash is not there. */
export async function spanHashes(db: Db, spans: readonly Span[]): Promise<Hash[]> {
  const places = spans.map(placesOf);
  const hashes = await hashesAt(db, places.flat());
  let start = 0;
  return places.map(({ length }) => joined(hashes.slice(start, (start += length))));
}

/** The root at any size the tree once had. Throws a TreeBroken when it never had so many leaves. */
export async function rootAt(db: Db, size: number): Promise<Hash> {
  return (await frontierAt(db, size)).root();
}

/** To go on from there. Throws a TreeBroken when a hash is not there. */
export async function frontierAt(db: Db, size: number): Promise<Frontier> {
  return Frontier.at(size, await hashesAt(db, placesOf({ from: 0, to: size })));
}

/** How many leaves there are. */
export async function treeSize(db: Db): Promise<number> {
  const { rows } = await sql<{ size: number }>`
    SELECT coalesce(max(leaf) + 1, 0)::bigint AS size FROM ledger_leaves`.execute(db);
  return rows[0]?.size ?? 0;
}

export interface Growth {
  readonly size: number;
  readonly leaves: readonly { readonly seq: number; readonly hash: Hash }[];
  readonly nodes: readonly { readonly place: Place; readonly hash: Hash }[];
}

/** Adds leaves after the first `size`, and the nodes they made whole. Throws when somebody else added some there. */
export async function addLeaves(db: Db, { size, leaves, nodes }: Growth): Promise<void> {
  await sql`
    INSERT INTO ledger_leaves (leaf, seq, hash)
    SELECT ${size} + ord - 1, seq, hash
    FROM unnest(${leaves.map(({ seq }) => seq)}::bigint[], ${leaves.map(({ hash }) => bytesOf(hash))}::bytea[])
      WITH ORDINALITY AS leaf(seq, hash, ord)`.execute(db);
  if (nodes.length === 0) return;
  const levels = nodes.map(({ place }) => place.level);
  const indexes = nodes.map(({ place }) => place.index);
  await sql`
    INSERT INTO ledger_nodes (level, index, hash)
    SELECT * FROM unnest(${levels}::smallint[], ${indexes}::bigint[], ${nodes.map(({ hash }) => bytesOf(hash))}::bytea[])`.execute(
    db,
  );
}
