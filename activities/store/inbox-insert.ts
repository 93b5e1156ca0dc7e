/**
 * Puts alerts into the inbox, one row for each transition of an episode, many in one statement. It says of each what became
 * of it, and does nothing about it.
 */
import { sql } from 'kysely';
import type { Alert } from '../../workflows/domain/alert.js';
import { instantMs, seconds } from '../../workflows/domain/time.js';
import type { Db } from './db.js';

/** What is said of one alert. */
export interface Taken {
  readonly id: number;
  /** False when this transition of this episode was there already. */
  readonly isNew: boolean;
  /** An earlier transition of the same fingerprint is still pending: this one waits for it. */
  readonly behind: boolean;
  /** A storm is on where it fires: it waits until the storm lets it go. */
  readonly held: boolean;
}

/** The alerts of one request. */
export interface Arrival {
  readonly alerts: readonly Alert[];
  /** When they were committed first, in Unix milliseconds on the database's clock; now unless given. */
  readonly receivedAtMs?: number;
}

/** How long the process that committed a row has it for itself; longer than a delivery takes. */
const handedMs = seconds(5);

interface AddedRow {
  readonly id: number;
  readonly key: string;
  readonly is_new: boolean;
  readonly behind: boolean;
  readonly held: boolean;
}

/** One statement for all of them: it commits all or nothing. Answers in their order; throws when PostgreSQL refuses. */
export async function insertAlerts(
  db: Db,
  arrivals: readonly Arrival[],
): Promise<readonly (readonly Taken[])[]> {
  const { rows } = await insert(distinct(arrivals)).execute(db);
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
  return arrivals.map(({ alerts }) => alerts.map(taken));
}

interface Distinct {
  readonly alert: Alert;
  readonly receivedAtMs: number | undefined;
  /** How often it is in this commit. */
  times: number;
}

function distinct(arrivals: readonly Arrival[]): ReadonlyMap<string, Distinct> {
  const found = new Map<string, Distinct>();
  for (const { alerts, receivedAtMs } of arrivals) {
    for (const alert of alerts) {
      const key = keyOf(alert);
      const known = found.get(key);
      if (known) known.times += 1;
      else found.set(key, { alert, receivedAtMs, times: 1 });
    }
  }
  return found;
}

/**
 * In the order of keys: two processes that insert the same alerts then wait for each other instead of deadlocking, and a
 * firing precedes its own resolution. A row that was given up gets another chance when its sender repeats it.
 */
function insert(alerts: ReadonlyMap<string, Distinct>) {
  const input = [...alerts].map(([key, { alert, receivedAtMs, times }]) => ({
    key,
    repeats: times - 1,
    source: alert.source,
    fingerprint: alert.fingerprint,
    starts_at_ms: instantMs(alert.startsAt),
    status: alert.status,
    environment: alert.environment,
    received_ms: receivedAtMs,
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
        repeats integer, received_ms double precision
      )
    ), added AS (
      INSERT INTO inbox AS old (source, fingerprint, starts_at_ms, status, environment, start_unknown, alert, repeats,
        received_at, storm, hold, next_attempt_at)
      SELECT source, fingerprint, starts_at_ms, status, environment, ${startUnknown}, alert, repeats,
        coalesce(to_timestamp(received_ms / 1000), clock_timestamp()),
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

/** So many milliseconds from now. */
export function inMs(durationMs: number) {
  return sql`clock_timestamp() + ${durationMs} * interval '1 millisecond'`;
}

/** 'firing' sorts before 'resolved'. Times of equal length, so that they sort as numbers. */
function keyOf({ source, fingerprint, startsAt, status }: Alert): string {
  const startedMs = String(instantMs(startsAt)).padStart(16, '0');
  return [source, fingerprint, startedMs, status].join('\n');
}
