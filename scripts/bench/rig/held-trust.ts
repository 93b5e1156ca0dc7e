/**
 * Grants classes of action their level and keeps it there, whatever comes: where faults are made on purpose, what they would
 * cost is not what is measured. Only for grounds that are thrown away; it changes the database it is given.
 */
import { sql } from 'kysely';
import type { Db } from '../../../activities/store/db.js';
import { grantTrust } from '../../../activities/store/trust/change.js';
import type { Tier } from '../../../workflows/domain/entry.js';

export interface Held {
  readonly classes: readonly string[];
  readonly tiers: readonly Tier[];
  readonly environment: string;
}

/** Level 4 for each of them. Throws when one has a record already. */
export async function holdTrust(db: Db, { classes, tiers, environment }: Held): Promise<void> {
  for (const actionClass of classes)
    for (const tier of tiers)
      await grantTrust(db, { actionClass, tier, environment, level: 4, by: 'owner', why: 'held' });
  await sql`
    CREATE FUNCTION trust_is_held() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$`.execute(
    db,
  );
  await sql`
    CREATE TRIGGER trust_is_held BEFORE UPDATE ON trust_ceilings FOR EACH ROW EXECUTE FUNCTION trust_is_held()`.execute(
    db,
  );
}
