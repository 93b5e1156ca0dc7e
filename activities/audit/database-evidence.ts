/** The evidence as one database has it, all of one moment: reads in pages inside a read-only transaction. Changes nothing. */
import { sql } from 'kysely';
import type { Db } from '../store/db.js';
import type { Destination } from './destination.js';
import type { Evidence, KeptNote, OutsideNotes, SealedLeaf } from './evidence.js';
import { copiedLines } from './copied-lines.js';
import { hashIn } from './merkle.js';
import type { VerifierKey } from './note.js';

export interface Looking {
  /** The same database once more: the lines come over a connection of their own. */
  readonly url: string;
  readonly key: VerifierKey;
  readonly outside: readonly Destination[];
  /** The newest so many of each place. */
  readonly outsideMax: number;
}

const hashBytes = 32;
/** Few: what is young when it is thrown away costs nothing, and a page is as old as its first leaf. */
const leavesPerPage = 500;
const notesPerPage = 5_000;

/** Calls `look` with evidence that is only good inside it. */
export async function withEvidence<Result>(
  db: Db,
  looking: Looking,
  look: (evidence: Evidence) => Promise<Result>,
): Promise<Result> {
  // First what is outside: what is sealed meanwhile is then in the database, and never only outside.
  const outside: OutsideNotes[] = [];
  for (const place of looking.outside) outside.push(await notesIn(db, place, looking.outsideMax));
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (transaction) => {
      await sql`SELECT set_config('TimeZone', 'UTC', true)`.execute(transaction);
      const nowMs = await nowOf(transaction);
      const { key, url } = looking;
      const lines = copiedLines(transaction, url);
      const [sealed, kept] = [leaves(transaction), notes(transaction)];
      return look({ key, outside, nowMs, lines, leaves: sealed, notes: kept });
    });
}

async function nowOf(db: Db): Promise<number> {
  const { rows } = await sql<{ ms: number }>`
    SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms`.execute(db);
  return rows[0]?.ms ?? Date.now();
}

interface Page {
  readonly count: number;
  /** Where the next page begins after. */
  readonly last: number;
}

/** The next page is on its way while one is worked on. Ends with the first page that is not full. */
async function* pagesOf<Read extends Page>(
  read: (after: number) => Promise<Read | undefined>,
  full: number,
): AsyncGenerator<Read> {
  let coming: Promise<Read | undefined> | undefined = read(Number.MIN_SAFE_INTEGER);
  while (coming !== undefined) {
    const page: Read | undefined = await coming;
    if (page === undefined || page.count === 0) return;
    coming = page.count < full ? undefined : read(page.last);
    coming?.catch(() => undefined); // it is thrown when it is waited for; who stops before that does not want it
    yield page;
  }
}

/** A page comes as one text and one run of bytes: a row each would take longer to take apart than to look at. */
async function* leaves(db: Db): AsyncGenerator<readonly SealedLeaf[]> {
  const read = async (after: number) => {
    const { rows } = await sql<Page & { numbers: string; hashes: Buffer }>`
      WITH page AS (
        SELECT * FROM ledger_leaves WHERE leaf > ${after} ORDER BY leaf LIMIT ${leavesPerPage}
      )
      SELECT count(*) AS count, max(leaf) AS last, string_agg(leaf || ' ' || seq, ',' ORDER BY leaf) AS numbers,
        string_agg(hash, '' ORDER BY leaf) AS hashes FROM page`.execute(db);
    return rows[0];
  };
  for await (const page of pagesOf(read, leavesPerPage)) yield leavesIn(page);
}

function leavesIn({ numbers, hashes }: { numbers: string; hashes: Buffer }): SealedLeaf[] {
  const all = hashIn(hashes);
  return numbers.split(',').map((pair, at) => {
    const space = pair.indexOf(' ');
    const hash = all.slice(at * hashBytes, (at + 1) * hashBytes);
    return { index: Number(pair.slice(0, space)), seq: Number(pair.slice(space + 1)), hash };
  });
}

async function* notes(db: Db): AsyncGenerator<readonly KeptNote[]> {
  for (let after = Number.MIN_SAFE_INTEGER; ;) {
    const { rows } = await sql<KeptNote>`
      SELECT size, note FROM ledger_checkpoints WHERE size > ${after} ORDER BY size LIMIT ${notesPerPage}`.execute(
      db,
    );
    yield rows;
    if (rows.length < notesPerPage) return;
    after = rows.at(-1)?.size ?? 0;
  }
}

async function notesIn(db: Db, place: Destination, most: number): Promise<OutsideNotes> {
  const all = await place.sizes(0);
  const sizes = all.slice(-most);
  const from = sizes.length < all.length ? (sizes[0] ?? 0) : 0;
  const found: KeptNote[] = [];
  for (const size of sizes) found.push({ size, note: await place.get(size) });
  const { rows } = await sql<{ size: number }>`
    SELECT size FROM ledger_published WHERE destination = ${place.name} AND size >= ${from} ORDER BY size`.execute(
    db,
  );
  const newest = sizes.at(-1) ?? 0;
  // What was brought there while we were reading is none that vanished.
  const before = rows.map(({ size }) => size).filter((size) => size <= newest || newest === 0);
  return { place: place.name, from, notes: found, published: before };
}
