/**
 * Which effects were tried and what they came to: one row for each operation id.
 * A claim keeps a second attempt out while the first may still be at work; it does not act, and does not know what is done.
 */
import { sql } from 'kysely';
import type { Json } from '../../workflows/domain/json.js';
import type { Db } from './db.js';
import { pgJson } from './pg-json.js';

export type Claim =
  | {
      /** `again`: an earlier attempt may have taken effect; look before acting. `new`: none was made, or all ended clean. */
      readonly state: 'new' | 'again';
      readonly firstAttemptAtMs: number;
      /** 1 for the first; names this claim when it is settled or released. */
      readonly attempt: number;
    }
  | { readonly state: 'done'; readonly result: Json }
  /** Another attempt has it until then. */
  | { readonly state: 'busy'; readonly untilMs: number };

/** Every method throws when the database cannot be reached; nothing is then claimed, settled or released. */
export interface Operations {
  /** Claims for `timeoutMs` from now: at least as long as the attempt may run. */
  claim(operationId: string, timeoutMs: number): Promise<Claim>;
  /** The attempt lives: its claim runs on from now. False when a later attempt has the operation, or it is done. */
  extend(operationId: string, attempt: number, timeoutMs: number): Promise<boolean>;
  /** The first result stays, whoever brings it: it says what the world was seen to be. Throws for what nobody claimed. */
  settle(operationId: string, result: Json): Promise<void>;
  /**
   * The attempt ended without a result, so another may follow at once; `clean` when it changed nothing. Nothing happens when a
   * later attempt has it.
   */
  release(operationId: string, attempt: number, clean: boolean): Promise<void>;
}

/** Between its insert and its look the row may have been made by another; once seen it stays. */
const looksMax = 3;

export function createOperations(db: Db): Operations {
  return {
    async claim(operationId, timeoutMs) {
      for (let look = 0; look < looksMax; look += 1) {
        const row = await tryClaim(db, operationId, timeoutMs);
        if (row !== undefined) return claimOf(row);
      }
      throw new Error(`operation ${operationId} could neither be claimed nor found`);
    },
    async extend(operationId, attempt, timeoutMs) {
      const extended = await sql`
        UPDATE operations SET claimed_until = clock_timestamp() + ${timeoutMs} * interval '1 millisecond'
        WHERE operation_id = ${operationId} AND state = 'claimed' AND attempts = ${attempt}`.execute(
        db,
      );
      return extended.numAffectedRows === 1n;
    },
    async settle(operationId, result) {
      const settled = await sql`
        UPDATE operations SET state = 'done',
          result = CASE state WHEN 'done' THEN result ELSE ${pgJson(result)}::jsonb END
        WHERE operation_id = ${operationId}`.execute(db);
      if (settled.numAffectedRows === 1n) return;
      throw new Error(`operation ${operationId} was never claimed, so it has no result`);
    },
    async release(operationId, attempt, clean) {
      await sql`
        UPDATE operations SET claimed_until = clock_timestamp(), clean_attempts = clean_attempts + ${clean ? 1 : 0}
        WHERE operation_id = ${operationId} AND state = 'claimed' AND attempts = ${attempt}`.execute(
        db,
      );
    },
  };
}

interface ClaimRow {
  readonly mine: boolean;
  readonly state: 'claimed' | 'done';
  readonly first_attempt_at: Date;
  readonly claimed_until: Date;
  readonly attempts: number;
  readonly clean_attempts: number;
  readonly result: Json;
}

async function tryClaim(
  db: Db,
  operationId: string,
  timeoutMs: number,
): Promise<ClaimRow | undefined> {
  const { rows } = await sql<ClaimRow>`
    WITH claimed AS (
      INSERT INTO operations AS old (operation_id, state, claimed_until)
      VALUES (${operationId}, 'claimed', clock_timestamp() + ${timeoutMs} * interval '1 millisecond')
      ON CONFLICT (operation_id) DO UPDATE
        SET claimed_until = excluded.claimed_until, attempts = old.attempts + 1
        WHERE old.state = 'claimed' AND old.claimed_until <= clock_timestamp()
      RETURNING *
    )
    SELECT true AS mine, * FROM claimed
    UNION ALL
    SELECT false AS mine, * FROM operations
      WHERE operation_id = ${operationId} AND NOT EXISTS (SELECT FROM claimed)`.execute(db);
  return rows[0];
}

function claimOf(row: ClaimRow): Claim {
  if (row.state === 'done') return { state: 'done', result: row.result };
  if (!row.mine) return { state: 'busy', untilMs: row.claimed_until.getTime() };
  return {
    state: row.attempts - 1 === row.clean_attempts ? 'new' : 'again',
    firstAttemptAtMs: row.first_attempt_at.getTime(),
    attempt: row.attempts,
  };
}
