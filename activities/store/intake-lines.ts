/** Lines of the ledger that the intake writes about a source; they belong to no run and change nothing else. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Json } from '../../workflows/domain/json.js';
import type { Db } from './db.js';
import { pgJson, pgText } from './pg-json.js';

export interface IntakeLine {
  /** One sentence for a person. */
  readonly says: string;
  readonly detail: Json;
}

/** The same may happen twice and be meant both times: the id is by chance. Throws when it could not be written. */
export async function noteIntake(db: Db, { says, detail }: IntakeLine): Promise<void> {
  await sql`
    INSERT INTO ledger (id, kind, actor, says, at, detail)
    VALUES (${randomUUID()}, 'intake', 'belay', ${pgText(says)}, clock_timestamp(), ${pgJson(detail)}::jsonb)`.execute(
    db,
  );
}
