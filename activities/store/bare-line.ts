/** Lines of the ledger that belong to no run: what people turned, what the intake saw. Writes one, and nothing else. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { EntryKind, Tier } from '../../workflows/domain/entry.js';
import type { Db } from './db.js';
import { pgJson, pgText } from './pg-json.js';

export interface BareLine {
  /** Writing the same id again changes nothing. By chance when left out: the same may happen twice and be meant both times. */
  readonly id?: string;
  readonly kind: EntryKind;
  readonly tier?: Tier;
  /** `belay`, or `person:<name>`. */
  readonly actor: string;
  /** One sentence for a person. */
  readonly says: string;
  readonly detail: unknown;
}

/** At the database's time, together with whatever the transaction holds. Throws when it could not be written. */
export async function writeBareLine(db: Db, line: BareLine): Promise<void> {
  const { id = randomUUID(), kind, tier = null, actor, says, detail } = line;
  await sql`
    INSERT INTO ledger (id, kind, tier, actor, says, at, detail)
    VALUES (${id}, ${kind}, ${tier}, ${pgText(actor)}, ${pgText(says)}, clock_timestamp(), ${pgJson(detail)}::jsonb)`.execute(
    db,
  );
}
