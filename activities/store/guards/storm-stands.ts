/** Writes down that a part of the fleet came into a storm or out of it, and tells people once; decides neither. */
import { sql } from 'kysely';
import { announce } from '../announcement.js';
import type { Db } from '../db.js';
import type { Announcement } from '../storm-rules.js';
import type { StormStand } from './reading.js';
import { fleetScope } from './wanted.js';

/** Belongs into a transaction. Of two that come to the same at once, one writes and tells. */
export async function writeStorms(db: Db, stands: readonly StormStand[]): Promise<void> {
  for (const stand of stands) {
    const { rows } = await sql`
      INSERT INTO fleet_storms AS old (scope, state, since)
      VALUES (${stand.scope}, ${stand.state}, to_timestamp(${stand.sinceMs}::float8 / 1000))
      ON CONFLICT (scope) DO UPDATE SET state = excluded.state, since = excluded.since
        WHERE old.state <> excluded.state
      RETURNING scope`.execute(db);
    if (rows.length > 0 && stand.state !== 'calm') await announce(db, announcementOf(stand));
  }
}

function announcementOf({ scope, state, sinceMs }: StormStand): Announcement {
  const where = scope === fleetScope ? 'the fleet' : scope.replace(':', ' ');
  const about = `fleet-storm.${scope}`;
  const begins = state === 'on';
  const says = begins
    ? `too large a share of ${where} is sick at once: nothing is repaired there by itself`
    : `the storm in ${where} is over: a few repairs at a time are let in`;
  return {
    id: `${about}.${state}.${sinceMs}`,
    about,
    tier: begins ? 'critical' : 'info',
    says,
    detail: { scope, state },
    notice: {
      urgency: begins ? 'page' : 'tell',
      title: begins ? `Storm in ${where}` : `Storm in ${where} is over`,
      text: begins ? `${says}. Look for one cause.` : `${says}.`,
    },
  };
}
