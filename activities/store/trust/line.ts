/** Ledger lines about trust, and the notice that goes with one; together with whatever the transaction holds. */
import { sql } from 'kysely';
import type { EntryKind } from '../../../workflows/domain/entry.js';
import type { Level } from '../../../workflows/domain/level.js';
import type { Db } from '../db.js';
import { writeNotice } from '../pages.js';
import { pgJson, pgText } from '../pg-json.js';
import { keyText, type RecordKey } from './ceiling.js';

export interface TrustEntry {
  readonly id: string;
  readonly kind: Extract<EntryKind, 'trust' | 'drill'>;
  readonly key?: RecordKey;
  /** Of a note that a person makes about a run. */
  readonly run?: string;
  /** `belay`, or `person:<name>`. */
  readonly actor: string;
  readonly level?: Level;
  readonly says: string;
  readonly detail: unknown;
}

/** False when a line of this id was there already; then nothing was written. Throws when it could not be written. */
export async function writeTrustLine(db: Db, line: TrustEntry): Promise<boolean> {
  const { id, kind, key, actor, says, detail, run = null, level = null } = line;
  const { actionClass = null, tier = null, environment = null } = key ?? {};
  const { rows } = await sql`
    INSERT INTO ledger (id, run, kind, action_class, tier, environment, actor, level, says, at, detail)
    VALUES (${id}, ${run}, ${kind}, ${actionClass}, ${tier}, ${environment}, ${pgText(actor)}, ${level}::smallint,
      ${pgText(says)}, clock_timestamp(), ${pgJson(detail)}::jsonb)
    RETURNING id`.execute(db); // an id that is there is passed over (migration 0012)
  return rows.length > 0;
}

/** Everyone is told, once for each line. */
export async function tellOfTrust(
  db: Db,
  { key, id, says }: { readonly key: RecordKey; readonly id: string; readonly says: string },
): Promise<void> {
  const run = `trust.${keyText(key)}`;
  const title = `${key.actionClass} on ${key.tier} services in ${key.environment || 'any environment'}`;
  const text = `${says}. belay trust ${key.actionClass} --explain`;
  const notice = { id: `trust.${id}`, run, to: 'everyone', urgency: 'tell', title, text } as const;
  await writeNotice(db, notice);
}
