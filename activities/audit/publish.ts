/**
 * Brings checkpoints to a place outside and looks whether what is there fits the database: a place that is ahead, or holds another
 * tree, means that the database was set back or changed, and then nothing may be signed any more.
 */
import { sql } from 'kysely';
import type { Db } from '../store/db.js';
import { openCheckpoint } from './checkpoint.js';
import { Forked, type Destination } from './destination.js';
import type { VerifierKey } from './note.js';
import { rootAt } from './tree.js';

/** Outside is more than the database knows, or something else: what was signed once is gone from the database. */
export class SetBack extends Error {
  override readonly name = 'SetBack';
}

/** What was brought there is there no more. */
export class Vanished extends Error {
  override readonly name = 'Vanished';
}

/** In one go; what is left comes the next time. */
const publishedAtOnce = 500;

async function lastPublished(db: Db, name: string): Promise<number> {
  const { rows } = await sql<{ size: number }>`
    SELECT coalesce(max(size), 0)::bigint AS size FROM ledger_published WHERE destination = ${name}`.execute(
    db,
  );
  return rows[0]?.size ?? 0;
}

async function noteOf(db: Db, size: number): Promise<string | undefined> {
  const { rows } = await sql<{ note: string }>`
    SELECT note FROM ledger_checkpoints WHERE size = ${size}`.execute(db);
  return rows[0]?.note;
}

/**
 * Compares the newest checkpoint there with the database. Throws SetBack, Forked, Vanished, or what the place throws. With `deep` the
 * tree in the database is hashed again up to that size.
 */
export async function compareOutside(
  db: Db,
  destination: Destination,
  { key, deep }: { readonly key: VerifierKey; readonly deep?: true },
): Promise<void> {
  const { name } = destination;
  const published = await lastPublished(db, name);
  const sizes = await destination.sizes(published);
  const newest = sizes.at(-1);
  if (published > 0 && sizes[0] !== published)
    throw new Vanished(
      `the checkpoint of ${published} lines was brought to ${name} and is not there any more: ` +
        'find out who took it away, then put it back from a copy or name another place',
    );
  if (newest === undefined) return;
  const note = await destination.get(newest);
  const outside = openCheckpoint(note, key);
  const ours = await noteOf(db, newest);
  if (ours === undefined)
    throw new SetBack(
      `${name} holds a signed checkpoint of ${newest} lines that this database does not know: ` +
        'it was set back or replaced; nothing is signed until the right one is there',
    );
  if (ours !== note || outside.size !== newest) throw new Forked(name, newest);
  if (deep && (await rootAt(db, newest)) !== outside.root) throw new Forked(name, newest);
}

/** Oldest first, each on its place before it counts. A place that is new gets the newest one only. Answers how many it brought. */
export async function publish(db: Db, destination: Destination): Promise<number> {
  const { name } = destination;
  const published = await lastPublished(db, name);
  const { rows } = await sql<{ size: number; note: string }>`
    SELECT size, note FROM ledger_checkpoints
    WHERE size > ${published} AND (${published} > 0 OR size = (SELECT max(size) FROM ledger_checkpoints))
    ORDER BY size LIMIT ${publishedAtOnce}`.execute(db);
  for (const { size, note } of rows) {
    await destination.put({ size, note });
    await sql`
      INSERT INTO ledger_published (destination, size) VALUES (${name}, ${size}) ON CONFLICT DO NOTHING`.execute(
      db,
    );
  }
  return rows.length;
}
