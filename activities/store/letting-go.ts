/**
 * In which order a storm lets go of what it holds: services that matter most first, and of equals the oldest. The tiers are
 * handed in: this knows no policy, and without any it goes by age alone. It decides nothing about how many.
 */
import { sql } from 'kysely';
import type { Tier } from '../../workflows/domain/entry.js';
import type { Db } from './db.js';
import { isEnded } from './episodes.js';
import { turnEveryMs } from './storm-rules.js';

/** The tier of every service that policy names. Never rejects: who cannot tell says none. */
export type ServiceTiers = () => Promise<ReadonlyMap<string, Tier>>;

export const noTiers: ServiceTiers = () => Promise.resolve(new Map());

/** What has no tier comes last. */
const order = ['critical', 'warning', 'info'] as const satisfies readonly Tier[];

/** Lets at most `countMax` go, each at its own moment within the turn; together with what the transaction holds. */
export async function letGo(
  db: Db,
  countMax: number,
  tiers: ReadonlyMap<string, Tier>,
): Promise<void> {
  let left = countMax;
  for (const tier of order) {
    const services = [...tiers].flatMap(([service, its]) => (its === tier ? [service] : []));
    if (left > 0 && services.length > 0) left -= await release(db, heldOf(services, left));
  }
  if (left > 0) await release(db, oldestHeld(left));
}

/** Service by service, so that each asks the index for its own oldest and nothing else is read. */
function heldOf(services: readonly string[], countMax: number) {
  return sql`
    SELECT id FROM unnest(${services}::text[]) AS named(service), LATERAL (
      SELECT id FROM inbox AS firing
      WHERE hold = 'held' AND alert ->> 'service' = named.service AND NOT ${isEnded('firing')}
      ORDER BY id LIMIT ${countMax}
    ) AS own
    ORDER BY id LIMIT ${countMax}`;
}

function oldestHeld(countMax: number) {
  return sql`
    SELECT id FROM inbox AS firing WHERE hold = 'held' AND NOT ${isEnded('firing')}
    ORDER BY id LIMIT ${countMax}`;
}

/** How many went. Rows that somebody else holds are left for the next turn. */
async function release(db: Db, chosen: ReturnType<typeof heldOf>): Promise<number> {
  const { rows } = await sql`
    UPDATE inbox SET hold = 'let-go',
      next_attempt_at = clock_timestamp() + random() * ${turnEveryMs} * interval '1 millisecond'
    WHERE id IN (
      SELECT id FROM inbox WHERE id IN (${chosen}) AND hold = 'held' FOR UPDATE SKIP LOCKED
    )
    RETURNING id`.execute(db);
  return rows.length;
}
