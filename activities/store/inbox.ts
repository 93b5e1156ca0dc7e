/**
 * The inbox: alerts that were acknowledged and what became of them. One row per transition (firing, resolved) of an
 * episode, whatever is re-sent. It keeps and hands out; which runbook an alert goes to is not its business.
 */
import { sql } from 'kysely';
import type { Alert } from '../../workflows/domain/alert.js';
import { instantMs, seconds } from '../../workflows/domain/time.js';
import { createBatcher } from './batch.js';
import type { Db } from './db.js';
import { createEpisodes, isEnded } from './episodes.js';
import type { Episodes } from './episodes.js';
import { isItemFault } from './pg-error.js';
import type { InboxState } from './schema.js';

/** What `add` says of one alert, in the order they were given. */
export interface Taken {
  readonly id: number;
  /** False when this transition of this episode was there already. */
  readonly isNew: boolean;
  /** An earlier transition of the same fingerprint is still pending: this one waits for it. */
  readonly behind: boolean;
  /** A storm is on where it fires: it waits until the storm lets it go. */
  readonly held: boolean;
}

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
  readonly pending: number;
  /** Age of the oldest pending row, 0 without one. */
  readonly oldestMs: number;
}

/** Every method throws when PostgreSQL cannot be reached or refuses; nothing is then half done. */
export interface Inbox extends Episodes {
  /** Commits all of them, together with those of other callers, before it resolves. Rejects with BatcherFull when too many wait. */
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

/** How long the process that committed a row has it for itself, then how long one that claimed it; longer than a delivery takes. */
const handedMs = seconds(5);
const claimMs = seconds(15);

/** Requests in one commit, and requests that may wait for one; more and the caller is told to come back later. */
const requestsMax = 200;
const waitingMax = 2_000;

export function createInbox(db: Db): Inbox {
  const adding = createBatcher<readonly Alert[], readonly Taken[]>({
    itemsMax: requestsMax,
    pendingMax: waitingMax,
    flush: (requests) => addAll(db, requests),
    blames: isItemFault,
  });
  const settling = createBatcher<SettledRow, void>({
    itemsMax: requestsMax,
    pendingMax: waitingMax, // far more than deliveries in flight
    flush: (rows) => settleAll(db, rows),
    blames: isItemFault,
  });
  return {
    add: (alerts) => adding.add(alerts),
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

interface AddedRow {
  readonly id: number;
  readonly key: string;
  readonly is_new: boolean;
  readonly behind: boolean;
  readonly held: boolean;
}

/** One statement for all requests: it commits all or nothing. */
async function addAll(
  db: Db,
  requests: readonly (readonly Alert[])[],
): Promise<readonly (readonly Taken[])[]> {
  const { rows } = await insert(distinct(requests.flat())).execute(db);
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const told = new Set<string>();
  const taken = (alert: Alert): Taken => {
    const key = keyOf(alert);
    const row = byKey.get(key);
    if (row === undefined) throw new Error('the database did not answer for every alert');
    const isNew = row.is_new && !told.has(key);
    told.add(key);
    return { id: row.id, isNew, behind: row.behind, held: row.held };
  };
  return requests.map((request) => request.map(taken));
}

interface Distinct {
  readonly alert: Alert;
  /** How often it is in this commit. */
  times: number;
}

function distinct(alerts: readonly Alert[]): ReadonlyMap<string, Distinct> {
  const found = new Map<string, Distinct>();
  for (const alert of alerts) {
    const key = keyOf(alert);
    const known = found.get(key);
    if (known) known.times += 1;
    else found.set(key, { alert, times: 1 });
  }
  return found;
}

/**
 * In the order of keys: two processes that insert the same alerts then wait for each other instead of deadlocking, and a
 * firing precedes its own resolution. A row that was given up gets another chance when its sender repeats it.
 */
function insert(alerts: ReadonlyMap<string, Distinct>) {
  const input = [...alerts].map(([key, { alert, times }]) => ({
    key,
    repeats: times - 1,
    source: alert.source,
    fingerprint: alert.fingerprint,
    starts_at_ms: instantMs(alert.startsAt),
    status: alert.status,
    environment: alert.environment,
    alert,
  }));
  return sql<AddedRow>`
    WITH given AS (
      SELECT given.*, EXISTS (
        SELECT FROM inbox earlier
        WHERE earlier.source = given.source AND earlier.fingerprint = given.fingerprint
          AND earlier.state = 'pending'
      ) AS behind, CASE WHEN given.status = 'firing' THEN (
        SELECT id FROM storms WHERE domain = given.environment AND ended_at IS NULL
      ) END AS storm
      FROM jsonb_to_recordset(${JSON.stringify(input)}::jsonb) AS given(
        key text, source text, fingerprint text, starts_at_ms bigint, status text, environment text, alert jsonb,
        repeats integer
      )
    ), added AS (
      INSERT INTO inbox AS old (source, fingerprint, starts_at_ms, status, environment, start_unknown, alert, repeats,
        storm, hold, next_attempt_at)
      SELECT source, fingerprint, starts_at_ms, status, environment, ${startUnknown}, alert, repeats,
        storm, CASE WHEN storm IS NOT NULL THEN 'held' END,
        CASE WHEN storm IS NOT NULL THEN ${never} WHEN behind THEN clock_timestamp() ELSE ${inMs(handedMs)} END
      FROM given ORDER BY key COLLATE "C"
      ON CONFLICT (source, fingerprint, starts_at_ms, status) DO UPDATE SET
        repeats = old.repeats + excluded.repeats + 1,
        attempts = CASE WHEN ${givenUp} THEN 0 ELSE old.attempts END,
        next_attempt_at = CASE WHEN ${givenUp} THEN clock_timestamp() ELSE old.next_attempt_at END,
        state = CASE WHEN ${givenUp} THEN 'pending' ELSE old.state END
      RETURNING id, source, fingerprint, starts_at_ms, status, xmax = 0 AS is_new,
        hold IS NOT DISTINCT FROM 'held' AS held
    )
    SELECT added.id, given.key, added.is_new, given.behind, added.held
    FROM added JOIN given USING (source, fingerprint, starts_at_ms, status)`;
}

const givenUp = sql`old.state IN ('dead', 'unmatched')`;

/** Senders that know only the end of an episode write it as its start, too. */
const startUnknown = sql`status = 'resolved' AND alert ->> 'startsAt' = alert ->> 'endsAt'`;

/** When a firing that a storm holds comes due: a time that every client can read. */
export const never = sql`timestamptz '9999-12-31T00:00:00Z'`;

function inMs(durationMs: number) {
  return sql`clock_timestamp() + ${durationMs} * interval '1 millisecond'`;
}

/** 'firing' sorts before 'resolved'. Times of equal length, so that they sort as numbers. */
function keyOf({ source, fingerprint, startsAt, status }: Alert): string {
  const startedMs = String(instantMs(startsAt)).padStart(16, '0');
  return [source, fingerprint, startedMs, status].join('\n');
}

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
    SELECT count(*) AS pending,
      coalesce(1000 * extract(epoch FROM clock_timestamp() - min(received_at)), 0)::bigint AS "oldestMs"
    FROM inbox WHERE state = 'pending'`.execute(db);
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
