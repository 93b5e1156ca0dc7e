/**
 * Retires months: the lines of a month that is over for long enough leave the database once they are exported and their export was
 * verified. Their leaves stay, and a line of the ledger says what went, so that every proof stays good. Needs the tables' owner.
 */
import { sql } from 'kysely';
import type { Db } from '../store/db.js';
import { pgText } from '../store/pg-json.js';
import type { Bundle } from './bundle.js';
import { endOfMonthMs, retainedMs } from './retirement.js';

export interface MonthOfLines {
  /** Such as `2026-08`. */
  readonly month: string;
  readonly table: string;
  readonly lines: number;
  /** Lines of it that are not sealed yet; then it cannot go. */
  readonly unsealed: number;
}

/** Months that are over for so long, the oldest first. Never those younger than 90 days, whatever is asked for. */
export async function monthsOlderThan(
  db: Db,
  { olderThanMs, nowMs }: { readonly olderThanMs: number; readonly nowMs: number },
): Promise<MonthOfLines[]> {
  const { rows } = await sql<{ table: string }>`
    SELECT inhrelid::regclass::text AS table FROM pg_inherits
    WHERE inhparent = 'ledger'::regclass ORDER BY 1`.execute(db);
  const longEnoughMs = Math.max(olderThanMs, retainedMs);
  const old = rows.flatMap(({ table }) => {
    const [, year, number] = /ledger_(\d{4})_(\d{2})$/.exec(table) ?? [];
    const month = `${year ?? ''}-${number ?? ''}`;
    return endOfMonthMs(month) + longEnoughMs <= nowMs ? [{ month, table }] : [];
  });
  const found: MonthOfLines[] = [];
  for (const { month, table } of old) {
    const { rows: counted } = await sql<{ lines: number; unsealed: number }>`
      SELECT count(*) AS lines, count(*) FILTER (WHERE leaf IS NULL) AS unsealed
      FROM ${sql.raw(table)} AS line LEFT JOIN ledger_leaves USING (seq)`.execute(db);
    found.push({ month, table, ...(counted[0] ?? { lines: 0, unsealed: 0 }) });
  }
  return found;
}

export interface Retiring {
  readonly month: MonthOfLines;
  /** What was exported of it, and verified. */
  readonly bundle: Bundle;
  readonly by: string;
}

/** In one transaction. Throws when a line came or went since the export, and when the role does not own the tables. */
export async function retireMonth(db: Db, { month, bundle, by }: Retiring): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const table = sql.raw(month.table);
    await sql`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`.execute(transaction);
    const { rows } = await sql<{ lines: number }>`SELECT count(*) AS lines FROM ${table}`.execute(
      transaction,
    );
    if (rows[0]?.lines !== bundle.entries)
      throw new RangeError(
        `${month.month} has ${rows[0]?.lines ?? 0} lines, and ${bundle.entries} were exported`,
      );
    const retired = {
      month: month.month,
      entries: bundle.entries,
      digest: bundle.digest,
      leaves: bundle.leaves.map(({ from, to }) => [from, to]),
    };
    const says = `${by} retired ${bundle.entries} lines of ${month.month}; their export has the digest ${bundle.digest}`;
    await sql`
      INSERT INTO ledger (id, kind, actor, says, at, detail)
      VALUES (${`retired ${month.month} ${bundle.digest}`}, 'audit', ${`person:${pgText(by)}`}, ${pgText(says)},
        clock_timestamp(), ${JSON.stringify({ retired })}::jsonb)`.execute(transaction);
    await sql`DELETE FROM ledger_ids WHERE id IN (SELECT id FROM ${table})`.execute(transaction);
    await sql`ALTER TABLE ledger DETACH PARTITION ${table}`.execute(transaction);
    await sql`DROP TABLE ${table}`.execute(transaction);
  });
}
