/**
 * Firings that a storm held until they were older than their runbook acts on: no run is begun for them only to say so. They
 * are settled with the reason, and told of once a storm. What is too old is handed in: this knows no runbook.
 */
import { sql } from 'kysely';
import type { Alert } from '../../workflows/domain/alert.js';
import { announce } from './announcement.js';
import type { Db } from './db.js';
import { overdueText } from './storm-rules.js';

export interface Overdue {
  /** No alert that began less long ago is overdue. */
  readonly afterMs: number;
  /** Why the runbook of this alert would not act on it any more; null while it would, and where there is none. */
  judge(alert: Alert, nowMs: number): string | null;
}

/** Looked at in one turn; the next one goes on behind them, so that each comes up again and again. */
const rowsPerTurnMax = 2_000;

interface HeldRow {
  readonly id: number;
  readonly alert: Alert;
  readonly storm: number | null;
}

/** Together with what the transaction holds. Answers after which row the next turn goes on. */
export async function passOverdue(db: Db, overdue: Overdue, afterId: number): Promise<number> {
  const nowMs = Date.now();
  const { rows } = await sql<HeldRow>`
    SELECT id, alert, storm FROM inbox
    WHERE hold = 'held' AND id > ${afterId} AND starts_at_ms < ${nowMs - overdue.afterMs}::bigint
    ORDER BY id LIMIT ${rowsPerTurnMax} FOR UPDATE SKIP LOCKED`.execute(db);
  const found = rows.flatMap(({ id, alert, storm }) => {
    const why = overdue.judge(alert, nowMs);
    return why === null ? [] : [{ id, storm, why: `stale: ${why}` }];
  });
  if (found.length > 0) await settle(db, found);
  const last = rows.at(-1)?.id;
  return rows.length < rowsPerTurnMax || last === undefined ? 0 : last;
}

interface Found {
  readonly id: number;
  readonly storm: number | null;
  readonly why: string;
}

async function settle(db: Db, found: readonly Found[]): Promise<void> {
  await sql`
    UPDATE inbox SET state = 'dispatched', why = overdue.why, hold = NULL, next_attempt_at = clock_timestamp()
    FROM jsonb_to_recordset(${JSON.stringify(found)}::jsonb) AS overdue(id bigint, why text)
    WHERE inbox.id = overdue.id`.execute(db);
  const ids = found.flatMap(({ storm }) => (storm === null ? [] : [storm]));
  const { rows } = await sql<{ id: number; domain: string }>`
    SELECT id, domain FROM storms WHERE id = ANY(${[...new Set(ids)]}::bigint[]) ORDER BY id`.execute(
    db,
  );
  for (const storm of rows) {
    const firings = found.filter((row) => row.storm === storm.id).length;
    await announce(db, overdueText({ ...storm, firings }));
  }
}
