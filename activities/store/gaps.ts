/**
 * The gaps: firing alerts that no runbook took, counted by name, for `belay gaps` and reports. Writes nothing. Whether a
 * runbook would take them by now is not its business.
 */
import { sql } from 'kysely';
import type { Alert } from '../../workflows/domain/alert.js';
import type { Db } from './db.js';

/** All alerts of one name that went unmatched. */
export interface Gap {
  readonly name: string;
  /** How many services they were on. */
  readonly services: number;
  /** Firings; the same one sent again is none more. */
  readonly episodes: number;
  /** How often their senders said so, repeats included. */
  readonly messages: number;
  readonly firstSeenAt: Date;
  /** At most 15 s later than it really was. */
  readonly lastSeenAt: Date;
  /** The newest of them, and why it was not taken then. */
  readonly alert: Alert;
  readonly why: string | null;
}

export interface GapsWanted {
  /** How far to look back. */
  readonly sinceMs: number;
  /** From when; from now unless given. */
  readonly until?: Date;
  /** Only this name. */
  readonly name?: string;
  /** 1 to 1,000; 50 by default. */
  readonly limit?: number;
}

const rowsMax = 1000;

/** A repeat is tried again at once, which moves `next_attempt_at`; one far ahead is when a storm lets a firing go, and says nothing. */
const seenAt = sql`
  CASE WHEN next_attempt_at > clock_timestamp() + interval '1 minute' THEN received_at
    ELSE greatest(received_at, next_attempt_at) END`;

/**
 * The most frequent first. An alert that has fired for longer than `sinceMs` counts while its sender repeats it. Reads the
 * whole table: for people, not for loops.
 */
export async function listGaps(db: Db, wanted: GapsWanted): Promise<Gap[]> {
  const { sinceMs, until, name, limit = 50 } = wanted;
  const end = until === undefined ? sql`clock_timestamp()` : sql`${until}::timestamptz`;
  const ofName = name === undefined ? sql`` : sql`AND alert ->> 'name' = ${name}`;
  const { rows } = await sql<Gap>`
    WITH unmatched AS (
      SELECT id, alert, repeats, received_at, ${seenAt} AS seen_at
      FROM inbox WHERE state = 'unmatched' AND status = 'firing' ${ofName}
    ), counted AS (
      SELECT count(DISTINCT alert ->> 'service') AS services, count(*) AS episodes,
        count(*) + sum(repeats) AS messages, min(received_at) AS first_seen,
        least(max(seen_at), ${end}) AS last_seen, max(id) AS newest
      FROM unmatched
      WHERE seen_at >= ${end} - ${sinceMs} * interval '1 millisecond' AND received_at < ${end}
      GROUP BY alert ->> 'name'
      ORDER BY count(*) DESC, alert ->> 'name'
      LIMIT ${Math.min(rowsMax, Math.max(1, Math.trunc(limit)))}
    )
    SELECT inbox.alert ->> 'name' AS name, services, episodes, messages, first_seen AS "firstSeenAt",
      last_seen AS "lastSeenAt", inbox.alert, inbox.why
    FROM counted JOIN inbox ON inbox.id = newest
    ORDER BY episodes DESC, name`.execute(db);
  return rows;
}
