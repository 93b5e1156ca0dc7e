/**
 * The inbox: alerts that were acknowledged and what became of them. One row per transition (firing, resolved) of an
 * episode, whatever is re-sent. It keeps and hands out; which runbook an alert goes to is not its business.
 */
import { sql } from 'kysely';
import type { Alert } from '../../workflows/domain/alert.js';
import { seconds } from '../../workflows/domain/time.js';
import { createBatcher } from './batch.js';
import type { Db } from './db.js';
import { createEpisodes, isEnded } from './episodes.js';
import type { Episodes } from './episodes.js';
import { inMs, insertAlerts, never, type Taken } from './inbox-insert.js';
import { isItemFault } from './pg-error.js';
import type { InboxState } from './schema.js';

/** A row to deliver. */
export interface Pending {
  readonly id: number;
  readonly alert: Alert;
  readonly receivedAtMs: number;
  /** Deliveries that failed for a reason of this row's own. */
  readonly attempts: number;
  /** A firing whose resolution is in the inbox, too: there is nothing left to begin. */
  readonly isOver?: boolean;
  /** A storm held it and let it go. */
  readonly isLetGo?: boolean;
}

export interface Settled {
  readonly state: Exclude<InboxState, 'pending'>;
  readonly run: string | null;
  readonly why: string | null;
  /** The row of the firing that this one only says again. */
  readonly repeatOf?: number;
}

export interface Postponed {
  readonly delayMs: number;
  readonly why: string;
  readonly attempts: number;
}

export interface InboxSize {
  /** Those in the backlog, too. */
  readonly pending: number;
  /** Age of the oldest of them, 0 without one. */
  readonly oldestMs: number;
}

/** Every method throws when PostgreSQL cannot be reached or refuses; nothing is then half done. */
export interface Inbox extends Episodes {
  /** Commits all of them before it resolves, in a statement of their own. */
  add(alerts: readonly Alert[]): Promise<readonly Taken[]>;
  /** Claims up to `limit` rows whose time has come, the oldest of each fingerprint only; unsettled they come back. */
  due(limit: number): Promise<readonly Pending[]>;
  /** What became of a row; a row that is settled already stays as it is. */
  settle(id: number, settled: Settled): Promise<void>;
  postpone(id: number, postponed: Postponed): Promise<void>;
  /** Resolves when the table can be read. */
  reachable(): Promise<void>;
  size(): Promise<InboxSize>;
  /** Rows by state. Reads the whole table: for people, not for loops. */
  counts(): Promise<Readonly<Record<InboxState, number>>>;
}

/** How long one that claimed a row has it for itself; longer than a delivery takes. */
const claimMs = seconds(15);

/** Settlements in one commit, and those that may wait for one: far more than deliveries in flight. */
const settledMax = 200;
const waitingMax = 2_000;

export function createInbox(db: Db): Inbox {
  const settling = createBatcher<SettledRow, void>({
    itemsMax: settledMax,
    pendingMax: waitingMax,
    flush: (rows) => settleAll(db, rows),
    blames: isItemFault,
  });
  return {
    add: async (alerts) => (await insertAlerts(db, [{ alerts }])).flat(),
    due: (limit) => claimDue(db, limit),
    settle: (id, settled) => settling.add({ id, ...settled }),
    postpone: (id, postponed) => postponeOne(db, id, postponed),
    ...createEpisodes(db),
    reachable: async () => {
      await sql`SELECT FROM inbox LIMIT 1`.execute(db);
    },
    size: () => sizeOf(db),
    counts: () => countsOf(db),
  };
}

type SettledRow = Settled & { readonly id: number };

interface DueRow {
  readonly id: number;
  readonly alert: Alert;
  readonly received_at: Date;
  readonly attempts: number;
  readonly is_over: boolean;
  readonly is_let_go: boolean;
}

/** In the order in which they came due: what waits for something else, such as a storm, is then not even looked at. */
async function claimDue(db: Db, limit: number): Promise<readonly Pending[]> {
  const { rows } = await sql<DueRow>`
    UPDATE inbox SET next_attempt_at = ${inMs(claimMs)}
    WHERE id IN (
      SELECT id FROM inbox AS mine
      WHERE state = 'pending' AND next_attempt_at <= statement_timestamp() AND NOT EXISTS (
        SELECT FROM inbox earlier
        WHERE earlier.source = mine.source AND earlier.fingerprint = mine.fingerprint
          AND earlier.state = 'pending' AND earlier.id < mine.id
      )
      ORDER BY next_attempt_at, id LIMIT ${limit} FOR UPDATE SKIP LOCKED
    )
    RETURNING id, alert, received_at, attempts, hold IS NOT DISTINCT FROM 'let-go' AS is_let_go,
      status = 'firing' AND ${isEnded('inbox')} AS is_over`.execute(db);
  const pending = rows.map((row) => ({
    id: row.id,
    alert: row.alert,
    receivedAtMs: row.received_at.getTime(),
    attempts: row.attempts,
    isOver: row.is_over,
    isLetGo: row.is_let_go,
  }));
  return pending.sort((left, right) => left.id - right.id);
}

async function settleAll(db: Db, rows: readonly SettledRow[]): Promise<readonly void[]> {
  const sorted = [...rows].sort((left, right) => left.id - right.id);
  await sql`
    UPDATE inbox SET state = settled.state, run = settled.run, why = settled.why,
      repeat_of = settled."repeatOf",
      hold = CASE WHEN hold = 'let-go' AND settled.run IS NOT NULL THEN hold END
    FROM jsonb_to_recordset(${JSON.stringify(sorted)}::jsonb)
      AS settled(id bigint, state text, run text, why text, "repeatOf" bigint)
    WHERE inbox.id = settled.id AND inbox.state = 'pending'`.execute(db);
  return rows.map(() => undefined);
}

async function postponeOne(db: Db, id: number, postponed: Postponed): Promise<void> {
  const { delayMs, why, attempts } = postponed;
  await sql`
    UPDATE inbox SET attempts = ${attempts}, why = ${why},
      next_attempt_at = CASE WHEN hold = 'held' THEN ${never} ELSE ${inMs(delayMs)} END
    WHERE id = ${id} AND state = 'pending'`.execute(db);
}

async function sizeOf(db: Db): Promise<InboxSize> {
  const { rows } = await sql<InboxSize>`
    SELECT sum(count)::bigint AS pending,
      coalesce(1000 * extract(epoch FROM clock_timestamp() - min(oldest)), 0)::bigint AS "oldestMs"
    FROM (
      SELECT count(*) AS count, min(received_at) AS oldest FROM inbox WHERE state = 'pending'
      UNION ALL SELECT coalesce(sum(count), 0), min(received_at) FROM inbox_backlog
    ) AS waiting`.execute(db);
  return rows[0] ?? { pending: 0, oldestMs: 0 };
}

async function countsOf(db: Db): Promise<Readonly<Record<InboxState, number>>> {
  const rows = await db
    .selectFrom('inbox')
    .select(['state', sql<number>`count(*)`.as('count')])
    .groupBy('state')
    .execute();
  const none = { pending: 0, dispatched: 0, unmatched: 0, unparsed: 0, dead: 0, dropped: 0 };
  return { ...none, ...Object.fromEntries(rows.map(({ state, count }) => [state, count])) };
}
