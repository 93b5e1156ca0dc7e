/**
 * What a person sees of the inbox and of the dead letters, and does about them: have one taken up again, or drop it. Each
 * deed is one transaction with its ledger line. It delivers nothing and reads no body.
 */
import { sql, type Transaction } from 'kysely';
import { writeBareLine } from './bare-line.js';
import type { Db } from './db.js';
import { letterName } from './dead-letters.js';
import { pgText } from './pg-json.js';
import type { Database, DeadLetterRow, InboxRow, InboxState } from './schema.js';
import type { Turning } from './switches.js';

/** Of the inbox, what is not settled to everybody's content. */
export const openStates = ['pending', 'dead', 'unmatched'] as const satisfies InboxState[];
export type OpenState = (typeof openStates)[number];

/** A letter without its body. */
export type LetterHead = Omit<DeadLetterRow, 'body' | 'headers' | 'digest'>;

/** Some of the rows, and how many there are. */
export interface Listed<Row> {
  readonly total: number;
  readonly rows: readonly Row[];
}

export interface Desk {
  readonly pending: Listed<InboxRow>;
  readonly dead: Listed<InboxRow>;
  readonly unmatched: Listed<InboxRow>;
  readonly letters: Listed<LetterHead>;
}

/** Of each kind at most `limit`: of what waits the oldest, of the others the latest. */
export async function readDesk(db: Db, limit: number): Promise<Desk> {
  const [pending, dead, unmatched, letters] = await Promise.all([
    rowsIn(db, 'pending', limit),
    rowsIn(db, 'dead', limit),
    rowsIn(db, 'unmatched', limit),
    lettersKept(db, limit),
  ]);
  return { pending, dead, unmatched, letters };
}

async function rowsIn(db: Db, state: OpenState, limit: number): Promise<Listed<InboxRow>> {
  const own = db.selectFrom('inbox').where('state', '=', sql.lit(state));
  const rows = await own
    .selectAll()
    .orderBy('id', state === 'pending' ? 'asc' : 'desc')
    .limit(limit)
    .execute();
  return { total: await counted(own.select(({ fn }) => fn.countAll<number>().as('total'))), rows };
}

const headColumns = [
  ...(['id', 'source', 'received_at', 'last_at', 'count', 'why'] as const),
  ...(['body_bytes', 'state', 'settled_why'] as const),
] as const;

async function lettersKept(db: Db, limit: number): Promise<Listed<LetterHead>> {
  const own = db.selectFrom('dead_letters').where('state', '=', sql.lit('kept'));
  const rows = await own.select(headColumns).orderBy('last_at', 'desc').limit(limit).execute();
  return { total: await counted(own.select(({ fn }) => fn.countAll<number>().as('total'))), rows };
}

interface Counting {
  executeTakeFirstOrThrow(): Promise<{ total: number }>;
}

async function counted(query: Counting): Promise<number> {
  return (await query.executeTakeFirstOrThrow()).total;
}

/** Undefined when there is none of this id. */
export function getInboxRow(db: Db, id: number): Promise<InboxRow | undefined> {
  return db.selectFrom('inbox').selectAll().where('id', '=', id).executeTakeFirst();
}

/** The same for a dead letter, with its body. */
export function getLetter(db: Db, id: number): Promise<DeadLetterRow | undefined> {
  return db.selectFrom('dead_letters').selectAll().where('id', '=', id).executeTakeFirst();
}

/** Delivered again from the beginning. Throws a RangeError when the row is not one that was given up or unmatched. */
export async function reviveRow(db: Db, id: number, turning: Turning): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const { rows } = await sql`
      UPDATE inbox SET state = 'pending', attempts = 0, run = NULL, next_attempt_at = clock_timestamp()
      WHERE id = ${id} AND state IN ('dead', 'unmatched') RETURNING id`.execute(transaction);
    if (rows.length === 0) throw new RangeError(`${id} was neither given up nor left unmatched`);
    await note(transaction, { what: `row ${id} of the inbox`, word: 'replayed', turning });
  });
}

/** Never delivered; its sender's repeats are only counted. Throws a RangeError as `reviveRow` does. */
export async function dropRow(db: Db, id: number, turning: Turning): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const { rows } = await sql`
      UPDATE inbox SET state = 'dropped', why = ${saidBy(turning)}
      WHERE id = ${id} AND state IN ('dead', 'unmatched') RETURNING id`.execute(transaction);
    if (rows.length === 0) throw new RangeError(`${id} was neither given up nor left unmatched`);
    await note(transaction, { what: `row ${id} of the inbox`, word: 'dropped', turning });
  });
}

/** What became of a letter. Throws a RangeError when it is gone or settled already, but for one dropped and then replayed. */
export async function settleLetter(
  db: Db,
  id: number,
  { state, ...turning }: Turning & { readonly state: 'replayed' | 'dropped' },
): Promise<void> {
  const open = state === 'replayed' ? ['kept', 'dropped'] : ['kept'];
  await db.transaction().execute(async (transaction) => {
    const { rows } = await sql`
      UPDATE dead_letters SET state = ${state}, settled_why = ${saidBy(turning)}
      WHERE id = ${id} AND state = ANY(${open}::text[]) RETURNING id`.execute(transaction);
    if (rows.length === 0) throw new RangeError(`${letterName(id)} is not kept any more`);
    await note(transaction, { what: `dead letter ${letterName(id)}`, word: state, turning });
  });
}

function saidBy({ by, why }: Turning): string {
  return pgText(`${by}: ${why}`);
}

interface DeskLine {
  readonly what: string;
  readonly word: 'replayed' | 'dropped';
  readonly turning: Turning;
}

function note(
  transaction: Transaction<Database>,
  { what, word, turning: { by, why } }: DeskLine,
): Promise<void> {
  const says = `${by} ${word} ${what}: ${why}`;
  const detail = { turned: word, what, why };
  return writeBareLine(transaction, { kind: 'intake', actor: `person:${by}`, says, detail });
}
