/** How things stand at this moment, for the person who comes in: runs that wait or are stuck, and what Belay could not deliver. */
import { sql } from 'kysely';
import type { Db } from './db.js';
import { isIn, type Span } from './report-span.js';
import type { RunRow } from './schema.js';

/** A run that waits for people, and what they were last asked. */
export interface Waiting {
  readonly run: string;
  readonly alert: string;
  readonly service: string;
  readonly asked: string | null;
  readonly askedAt: Date | null;
}

/** Those that wait for longest first. */
export async function listWaiting(db: Db): Promise<Waiting[]> {
  const { rows } = await sql<Waiting>`
    SELECT runs.run, runs.alert ->> 'name' AS alert, runs.service, asked.says AS asked, asked.at AS "askedAt"
    FROM runs LEFT JOIN LATERAL (
      SELECT says, at FROM ledger WHERE ledger.run = runs.run AND kind = 'escalation' ORDER BY seq DESC LIMIT 1
    ) AS asked ON true
    WHERE state NOT IN ('watching', 'closed') AND state = 'waiting'
    ORDER BY asked.at NULLS FIRST, run LIMIT ${rowsMax}`.execute(db);
  return rows;
}

/** Runs that began in the span, the latest first, at most `limit`. */
export function listBegun(db: Db, span: Span, limit: number): Promise<RunRow[]> {
  return db
    .selectFrom('runs')
    .selectAll()
    .where(isIn('opened_at', span))
    .orderBy('opened_at', 'desc')
    .orderBy('run')
    .limit(limit)
    .execute();
}

/** What people have not been told yet. */
export interface Undelivered {
  readonly count: number;
  readonly oldestAt: Date | null;
}

/** Notices that no channel has taken yet and that are older than a minute. */
export async function countUndelivered(db: Db): Promise<Undelivered> {
  const { rows } = await sql<Undelivered>`
    SELECT count(*) AS count, min(created_at) AS "oldestAt" FROM notices
    WHERE delivered_at IS NULL AND created_at < clock_timestamp() - interval '1 minute'`.execute(
    db,
  );
  return rows[0] ?? { count: 0, oldestAt: null };
}

export interface Delayed {
  /** Alerts that are due and not delivered, and since when the oldest of them is here. */
  readonly pending: number;
  readonly oldestAt: Date | null;
  /** Those a storm holds. */
  readonly held: number;
  readonly deadLetters: number;
  readonly givenUp: number;
}

/** What lies in the inbox and in the dead letters. */
export async function countDelayed(db: Db): Promise<Delayed> {
  const { rows } = await sql<Delayed>`
    SELECT pending.*, held.*, letters.*, dead.* FROM
      (SELECT count(*) AS pending, min(received_at) AS "oldestAt" FROM inbox
        WHERE state = 'pending' AND next_attempt_at <= clock_timestamp()) AS pending,
      (SELECT count(*) AS held FROM inbox WHERE hold = 'held') AS held,
      (SELECT count(*) AS "deadLetters" FROM dead_letters WHERE state = 'kept') AS letters,
      (SELECT count(*) AS "givenUp" FROM inbox WHERE state = 'dead') AS dead`.execute(db);
  return rows[0] ?? { pending: 0, oldestAt: null, held: 0, deadLetters: 0, givenUp: 0 };
}

export interface Page {
  readonly at: Date;
  readonly title: string;
  readonly run: string;
  readonly delivered: boolean;
}

/** Pages of the span, the latest first. */
export async function listPages(db: Db, span: Span): Promise<Page[]> {
  const { rows } = await sql<Page>`
    SELECT created_at AS at, title, run, delivered_at IS NOT NULL AS delivered FROM notices
    WHERE urgency = 'page' AND ${isIn('created_at', span)} ORDER BY created_at DESC LIMIT ${rowsMax}`.execute(
    db,
  );
  return rows;
}

const rowsMax = 100;
