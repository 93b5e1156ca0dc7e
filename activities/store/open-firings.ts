/**
 * What the inbox holds of one source, for whoever compares it with the monitor itself: firings that nothing ended yet, and
 * whether an episode was ever heard of. It only reads.
 */
import { sql } from 'kysely';
import type { Alert } from '../../workflows/domain/alert.js';
import type { Db } from './db.js';

/** One firing of one alert, as the inbox counts them. */
export interface Episode {
  readonly fingerprint: string;
  /** Its start in Unix milliseconds. */
  readonly startedMs: number;
}

/** A firing that was taken in and has no resolution. */
export interface OpenFiring extends Episode {
  readonly alert: Alert;
}

/** Both throw when PostgreSQL cannot be reached. */
export interface OpenFirings {
  /** Those of this source that have a run or wait for one, the newest first. */
  open(source: string): Promise<readonly OpenFiring[]>;
  /** In their order: whether the inbox has heard of it, or of a later episode of the same fingerprint. */
  known(source: string, episodes: readonly Episode[]): Promise<readonly boolean[]>;
}

/** More firing at once are a storm, which is not repaired from here. */
const openMax = 10_000;
/** What was taken in before that has no run any more that would need telling. */
const openForDays = 7;

/** On a database whose tables are there. */
export function createOpenFirings(db: Db): OpenFirings {
  return {
    open: (source) => openOf(db, source),
    known: (source, episodes) => knownOf(db, source, episodes),
  };
}

interface OpenRow {
  readonly fingerprint: string;
  readonly starts_at_ms: number;
  readonly alert: Alert;
}

/** Some monitors resolve without saying when it began: start and end are then the same, and not before the firing's start. */
async function openOf(db: Db, source: string): Promise<readonly OpenFiring[]> {
  const { rows } = await sql<OpenRow>`
    SELECT fingerprint, starts_at_ms, alert FROM inbox AS firing
    WHERE source = ${source} AND status = 'firing' AND state IN ('pending', 'dispatched')
      AND received_at > clock_timestamp() - ${openForDays} * interval '1 day'
      AND NOT EXISTS (
        SELECT FROM inbox AS ended
        WHERE ended.source = firing.source AND ended.fingerprint = firing.fingerprint
          AND ended.starts_at_ms >= firing.starts_at_ms AND ended.status = 'resolved'
          AND (ended.starts_at_ms = firing.starts_at_ms
            OR ended.alert ->> 'startsAt' = ended.alert ->> 'endsAt')
      )
    ORDER BY id DESC LIMIT ${openMax}`.execute(db);
  return rows.map(({ fingerprint, starts_at_ms: startedMs, alert }) => {
    return { fingerprint, startedMs, alert };
  });
}

async function knownOf(
  db: Db,
  source: string,
  episodes: readonly Episode[],
): Promise<readonly boolean[]> {
  if (episodes.length === 0) return [];
  const given = episodes.map(({ fingerprint, startedMs }, nth) => {
    return { nth, fingerprint, starts_at_ms: startedMs };
  });
  const { rows } = await sql<{ nth: number }>`
    SELECT given.nth
    FROM jsonb_to_recordset(${JSON.stringify(given)}::jsonb)
      AS given(nth integer, fingerprint text, starts_at_ms bigint)
    WHERE EXISTS (
      SELECT FROM inbox
      WHERE inbox.source = ${source} AND inbox.fingerprint = given.fingerprint
        AND inbox.starts_at_ms >= given.starts_at_ms
    )`.execute(db);
  const known = new Set(rows.map(({ nth }) => nth));
  return episodes.map((_, nth) => known.has(nth));
}
