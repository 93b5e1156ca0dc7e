/**
 * Dead letters: bodies that were let in and not understood, kept as they came until a person has them read again or drops
 * them. Bounded per source, in rows and in bytes: a flood costs the oldest of its own source. It reads nothing in them.
 */
import { createHash } from 'node:crypto';
import { sql, type Transaction } from 'kysely';
import { createBatcher } from './batch.js';
import type { Db } from './db.js';
import { noticesChannel } from './pages.js';
import { isItemFault } from './pg-error.js';
import { pgJson, pgText } from './pg-json.js';
import type { Database, DeadLetterState } from './schema.js';

/** What came, and why it is not understood. */
export interface DeadLetter {
  readonly source: string;
  readonly why: string;
  /** At most 1 MiB. */
  readonly body: Buffer;
  /** Those that are needed to read the body again; never any that proves who sent it. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface KeptLetter {
  readonly id: number;
  /** `dropped`: a person dropped the very same body before, and it is only counted. */
  readonly state: DeadLetterState;
}

export interface DeadLetters {
  /** Commits it before it resolves; the same again is a count. Rejects with BatcherFull when too many wait. */
  keep(letter: DeadLetter): Promise<KeptLetter>;
}

export interface DeadLetterOptions {
  /** Letters that nobody had looked at went, to make room for newer ones of their source. */
  onLost(source: string, count: number): void;
  readonly bounds?: DeadLetterBounds;
}

/** For each source. */
export interface DeadLetterBounds {
  readonly rowsMax: number;
  readonly bytesMax: number;
}

/** With 16 sources that is 1 GiB at most, and about what a person would ever look through. */
const usualBounds: DeadLetterBounds = { rowsMax: 1_000, bytesMax: 64 * 1024 * 1024 };

/** Bytes of one commit, and letters that may wait for one. */
const commitBytesMax = 4 * 1024 * 1024;
const waitingMax = 64;
const whyLengthMax = 600;

/** Writes nothing until it is asked to. */
export function createDeadLetters(db: Db, options: DeadLetterOptions): DeadLetters {
  const { bounds = usualBounds, onLost } = options;
  const keeping = createBatcher<DeadLetter, KeptLetter>({
    itemsMax: commitBytesMax,
    weightOf: ({ body }) => body.length,
    pendingMax: waitingMax,
    blames: isItemFault,
    async flush(letters) {
      const { kept, lost } = await keepAll(db, letters, bounds);
      for (const [source, count] of lost) onLost(source, count);
      return kept;
    },
  });
  return { keep: (letter) => keeping.add(letter) };
}

interface Keeping {
  readonly kept: readonly KeptLetter[];
  /** By source. */
  readonly lost: ReadonlyMap<string, number>;
}

function keepAll(
  db: Db,
  letters: readonly DeadLetter[],
  bounds: DeadLetterBounds,
): Promise<Keeping> {
  return db.transaction().execute(async (transaction) => {
    const rows = await insert(transaction, letters);
    await tell(transaction, rows);
    const lost = await makeRoom(
      transaction,
      [...new Set(rows.map(({ source }) => source))],
      bounds,
    );
    const byDigest = new Map(rows.map((row) => [row.digest, row]));
    const kept = letters.map((letter) => {
      const row = byDigest.get(digestOf(letter));
      if (row === undefined) throw new Error('the database did not answer for every letter');
      return { id: row.id, state: row.state };
    });
    return { kept, lost };
  });
}

interface LetterRow extends KeptLetter {
  readonly source: string;
  readonly digest: string;
  readonly why: string;
}

/** In the order of digests, so that two processes wait for each other. One that was read again and came back is kept anew. */
async function insert(
  transaction: Transaction<Database>,
  letters: readonly DeadLetter[],
): Promise<readonly LetterRow[]> {
  const { rows } = await sql<LetterRow>`
    INSERT INTO dead_letters AS old (source, digest, why, headers, body, count)
    SELECT source, digest, why, headers, decode(body, 'base64'), count
    FROM jsonb_to_recordset(${pgJson(distinct(letters))}::jsonb)
      AS letter(source text, digest text, why text, headers jsonb, body text, count integer)
    ORDER BY digest COLLATE "C"
    ON CONFLICT (source, digest) DO UPDATE SET
      count = old.count + excluded.count, last_at = clock_timestamp(), why = excluded.why,
      state = CASE WHEN old.state = 'replayed' THEN 'kept' ELSE old.state END
    RETURNING id, source, digest, why, state`.execute(transaction);
  return rows;
}

/** One statement may write a row once only. */
function distinct(letters: readonly DeadLetter[]): object[] {
  const times = new Map<string, number>();
  for (const letter of letters) {
    const digest = digestOf(letter);
    times.set(digest, (times.get(digest) ?? 0) + 1);
  }
  const byDigest = new Map(letters.map((letter) => [digestOf(letter), letter]));
  return [...byDigest].map(([digest, { source, why, headers, body }]) => ({
    source,
    digest,
    why: why.slice(0, whyLengthMax),
    headers,
    body: body.toString('base64'),
    count: times.get(digest) ?? 1,
  }));
}

const digests = new WeakMap<DeadLetter, string>();

function digestOf(letter: DeadLetter): string {
  const known = digests.get(letter);
  if (known !== undefined) return known;
  const { source, headers, body } = letter;
  const hash = createHash('sha256')
    .update(JSON.stringify([source, headers]))
    .update(body);
  const digest = hash.digest('hex');
  digests.set(letter, digest);
  return digest;
}

/** One notice a source and hour, whatever comes: the first that is not understood in it. */
async function tell(transaction: Transaction<Database>, rows: readonly LetterRow[]): Promise<void> {
  const notices = rows
    .filter(({ state }) => state === 'kept')
    .map(({ id, source, why }) => ({
      source,
      title: `${source} sends what is not understood`,
      text: pgText(`${why}. It is kept and was not acted on: belay inbox show ${letterName(id)}`),
    }));
  if (notices.length === 0) return;
  await sql`
    WITH told AS (
      INSERT INTO notices (id, run, "to", urgency, title, text)
      SELECT 'unparsed.' || source || '.' || to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24'),
        'intake', 'everyone', 'tell', title, text
      FROM (
        SELECT DISTINCT ON (source) * FROM jsonb_to_recordset(${pgJson(notices)}::jsonb)
          AS notice(source text, title text, text text)
        ORDER BY source
      ) AS first
      ON CONFLICT (id) DO NOTHING RETURNING id
    )
    SELECT pg_notify(${sql.lit(noticesChannel)}, '') FROM told`.execute(transaction);
}

/** What people are done with goes first, then what was not seen for longest. */
async function makeRoom(
  transaction: Transaction<Database>,
  sources: readonly string[],
  { rowsMax, bytesMax }: DeadLetterBounds,
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ source: string; state: DeadLetterState }>`
    WITH ranked AS (
      SELECT id, row_number() OVER newest AS place, sum(body_bytes) OVER newest AS bytes
      FROM dead_letters WHERE source = ANY(${sources}::text[])
      WINDOW newest AS (PARTITION BY source ORDER BY state <> 'kept', last_at DESC, id DESC)
    )
    DELETE FROM dead_letters USING ranked
    WHERE dead_letters.id = ranked.id AND (place > ${rowsMax} OR bytes > ${bytesMax})
    RETURNING source, state`.execute(transaction);
  const lost = new Map<string, number>();
  for (const { source, state } of rows) {
    if (state === 'kept') lost.set(source, (lost.get(source) ?? 0) + 1);
  }
  return lost;
}

/** How people name a letter; a bare number is a row of the inbox. */
export function letterName(id: number): string {
  return `d${id}`;
}
