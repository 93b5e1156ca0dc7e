/**
 * What reports say of the intake: storms, dead letters, alerts that were given up, and senders that were turned away.
 * Writes nothing; every list has a bound.
 */
import { sql } from 'kysely';
import type { Db } from './db.js';
import { isIn, type Span } from './report-span.js';

export interface StormReport {
  readonly domain: string;
  readonly beganAt: Date;
  /** Null while it is on. */
  readonly endedAt: Date | null;
  /** Firings that arrived in it; the next three are parts of it. */
  readonly firings: number;
  readonly begun: number;
  readonly passedOver: number;
  readonly held: number;
}

/** Storms that were on in the span, the latest first. */
export async function listStorms(db: Db, span: Span): Promise<StormReport[]> {
  const { rows } = await sql<StormReport>`
    SELECT domain, began_at AS "beganAt", ended_at AS "endedAt", counts.*
    FROM storms, LATERAL (
      SELECT count(*) AS firings, count(run) AS begun, count(*) FILTER (WHERE hold = 'held') AS held,
        count(*) FILTER (WHERE state <> 'pending' AND run IS NULL) AS "passedOver"
      FROM inbox WHERE inbox.storm = storms.id
    ) AS counts
    WHERE began_at < ${span.until} AND (ended_at IS NULL OR ended_at >= ${span.from})
    ORDER BY began_at DESC, domain LIMIT ${stormsMax}`.execute(db);
  return rows;
}

export interface Unread {
  readonly source: string;
  /** Bodies that were not understood: different ones, how often they came, and how many nobody has settled. */
  readonly letters: number;
  readonly times: number;
  readonly kept: number;
  /** Alerts that were given up after many deliveries. */
  readonly givenUp: number;
  /** Requests whose secret was wrong, and whose timestamp was too old. */
  readonly wrongSecret: number;
  readonly stale: number;
}

/** By source, those without anything of it left out. */
export async function countUnread(db: Db, span: Span): Promise<Unread[]> {
  const { rows } = await sql<Unread>`
    WITH letters AS (
      SELECT source, count(*) AS letters, sum(count)::bigint AS times, count(*) FILTER (WHERE state = 'kept') AS kept
      FROM dead_letters WHERE ${isIn('last_at', span)} GROUP BY source
    ), rows AS (
      SELECT source, count(*) AS "givenUp" FROM inbox
      WHERE state = 'dead' AND ${isIn('received_at', span)} GROUP BY source
    ), turned AS (
      SELECT detail ->> 'source' AS source, sum((detail ->> 'wrongSecret')::bigint)::bigint AS "wrongSecret",
        sum((detail ->> 'stale')::bigint)::bigint AS stale
      FROM ledger WHERE run IS NULL AND kind = 'intake' AND detail ? 'wrongSecret' AND ${isIn('recorded_at', span)}
      GROUP BY 1
    )
    SELECT source, coalesce(letters, 0) AS letters, coalesce(times, 0) AS times, coalesce(kept, 0) AS kept,
      coalesce("givenUp", 0) AS "givenUp", coalesce("wrongSecret", 0) AS "wrongSecret", coalesce(stale, 0) AS stale
    FROM letters FULL JOIN rows USING (source) FULL JOIN turned USING (source)
    ORDER BY source LIMIT ${sourcesMax}`.execute(db);
  return rows;
}

/** What the intake told the ledger as critical: storms that began, services that were repaired again and again. */
export async function listAlarms(db: Db, span: Span): Promise<{ at: Date; says: string }[]> {
  const { rows } = await sql<{ at: Date; says: string }>`
    SELECT recorded_at AS at, says FROM ledger
    WHERE run IS NULL AND kind = 'intake' AND tier = 'critical' AND ${isIn('recorded_at', span)}
    ORDER BY recorded_at DESC LIMIT ${alarmsMax}`.execute(db);
  return rows;
}

const stormsMax = 20;
const sourcesMax = 50;
const alarmsMax = 50;
