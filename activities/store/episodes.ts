/**
 * Which firing a later alert of the same source and fingerprint belongs to: the one it ends, or the one it says again.
 * It reads the inbox and the list of runs, and changes nothing.
 */
import { sql, type RawBuilder } from 'kysely';
import type { Alert } from '../../workflows/domain/alert.js';
import { hours, instantMs } from '../../workflows/domain/time.js';
import type { Db } from './db.js';
import type { InboxState } from './schema.js';

/** The row of a firing. */
export interface Firing {
  readonly id: number;
  readonly state: InboxState;
  readonly run: string | null;
  /** RFC 3339, as the sender wrote it. */
  readonly startsAt: string;
}

export interface Standing {
  /** A resolution of it is here already. */
  readonly isOver: boolean;
  /** The open firing that it only says again, or null. */
  readonly repeats: Firing | null;
}

/** Every method throws when PostgreSQL cannot be reached. */
export interface Episodes {
  /** The firing of the very episode this alert names, or null. */
  firingOf(alert: Alert): Promise<Firing | null>;
  /** The newest firing that this resolution ends and no other one ended, or null. */
  openFiring(resolution: Alert): Promise<Firing | null>;
  /** Where a new firing stands, for senders whose every message bears another start. */
  standing(firing: Alert): Promise<Standing>;
  /** Runs that repaired an earlier episode of the same fingerprint and still watch it. */
  watching(alert: Alert): Promise<readonly string[]>;
}

/** A firing that nothing ended for longer than this no longer swallows new ones: its end may have been lost. */
const openMsMax = hours(24);

/** Reads with the connections of this database; opens none. */
export function createEpisodes(db: Db): Episodes {
  return {
    firingOf: (alert) => firingOf(db, alert),
    openFiring: (resolution) => openFiring(db, resolution),
    standing: (firing) => standing(db, firing),
    watching: (alert) => watching(db, alert),
  };
}

/**
 * SQL: true when the inbox holds a resolution that ends the firing of this alias, delivered or not. An alert has one state,
 * so a resolution ends every episode that began before; of equal instants, one that knows no start ends what arrived before.
 */
export function isEnded(alias: string): RawBuilder<boolean> {
  return endedBut(alias, null);
}

function endedBut(alias: string, butStartedMs: number | null): RawBuilder<boolean> {
  const column = (name: string): RawBuilder<unknown> => sql.ref(`${alias}.${name}`);
  const but =
    butStartedMs === null ? sql`` : sql`AND ending.starts_at_ms <> ${butStartedMs}::bigint`;
  return sql<boolean>`EXISTS (
    SELECT FROM inbox AS ending
    WHERE ending.source = ${column('source')} AND ending.fingerprint = ${column('fingerprint')}
      AND ending.status = 'resolved' AND ending.starts_at_ms >= ${column('starts_at_ms')} ${but}
      AND (NOT ending.start_unknown
        OR (ending.starts_at_ms, ending.id) > (${column('starts_at_ms')}, ${column('id')})))`;
}

const firingColumns = sql`firing.id, firing.state, firing.run, firing.alert ->> 'startsAt' AS "startsAt"`;

/** The rows of firings with this source and fingerprint. */
function firingsOf({ source, fingerprint }: Alert): RawBuilder<unknown> {
  return sql`
    SELECT ${firingColumns} FROM inbox AS firing
    WHERE firing.source = ${source} AND firing.fingerprint = ${fingerprint} AND firing.status = 'firing'`;
}

async function firingOf(db: Db, alert: Alert): Promise<Firing | null> {
  const { rows } = await sql<Firing>`
    ${firingsOf(alert)} AND firing.starts_at_ms = ${startedMs(alert)}::bigint`.execute(db);
  return rows[0] ?? null;
}

async function openFiring(db: Db, resolution: Alert): Promise<Firing | null> {
  const atMs = startedMs(resolution);
  const { rows } = await sql<Firing>`
    ${firingsOf(resolution)} AND firing.starts_at_ms <= ${atMs}::bigint
      AND firing.repeat_of IS NULL AND NOT ${endedBut('firing', atMs)}
    ORDER BY firing.starts_at_ms DESC LIMIT 1`.execute(db);
  return rows[0] ?? null;
}

async function standing(db: Db, firing: Alert): Promise<Standing> {
  const atMs = startedMs(firing);
  const own = sql<{ isOver: boolean }>`
    SELECT ${isEnded('firing')} AS "isOver" FROM inbox AS firing
    WHERE firing.source = ${firing.source} AND firing.fingerprint = ${firing.fingerprint}
      AND firing.status = 'firing' AND firing.starts_at_ms = ${atMs}::bigint`;
  const open = sql<Firing>`
    ${firingsOf(firing)} AND firing.starts_at_ms <> ${atMs}::bigint
      AND firing.starts_at_ms > ${atMs - openMsMax}::bigint
      AND firing.state = 'dispatched' AND firing.run IS NOT NULL
      AND firing.repeat_of IS NULL AND NOT ${isEnded('firing')}
    ORDER BY firing.starts_at_ms DESC LIMIT 1`;
  const [mine, others] = await Promise.all([own.execute(db), open.execute(db)]);
  return { isOver: mine.rows[0]?.isOver ?? false, repeats: others.rows[0] ?? null };
}

async function watching(db: Db, alert: Alert): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('runs')
    .select(['run', 'alert'])
    .where(sql<string>`alert ->> 'fingerprint'`, '=', alert.fingerprint)
    .where('state', '=', sql.lit('watching'))
    .execute();
  return rows
    .filter(({ alert: earlier }) => earlier.source === alert.source)
    .filter(({ alert: earlier }) => startedMs(earlier) < startedMs(alert))
    .map(({ run }) => run);
}

function startedMs({ startsAt }: Alert): number {
  return instantMs(startsAt) ?? 0;
}
