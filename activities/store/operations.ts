/**
 * Which effects were tried and what they came to: one row for each operation id.
 * A claim keeps a second attempt out while the first may still be at work; it does not act, and does not know what is done.
 */
import { sql, type RawBuilder } from 'kysely';
import type { Json } from '../../workflows/domain/json.js';
import type { Db } from './db.js';
import { pgJson } from './pg-json.js';
import { everything } from './scope.js';

export type Claim =
  | {
      /** `again`: an earlier attempt may have taken effect; look before acting. `new`: none was made, or all ended clean. */
      readonly state: 'new' | 'again';
      readonly firstAttemptAtMs: number;
      /** 1 for the first; names this claim when it is settled or released. */
      readonly attempt: number;
      /** Every scope whose stop covers it; empty when the claim did not ask. */
      readonly scopes: readonly string[];
    }
  | { readonly state: 'done'; readonly result: Json }
  /** Another attempt has it until then. */
  | { readonly state: 'busy'; readonly untilMs: number }
  /** A stop covers it. `touched`: an earlier attempt may have taken effect. */
  | { readonly state: 'stopped'; readonly why: string; readonly touched: boolean };

/** Asks whether a stop covers what is to begin: everything, this class of action, or what the run is about. */
export interface AsksTheSwitch {
  readonly actionClass: string;
}

/** Every method throws when the database cannot be reached; nothing is then claimed, settled or released. */
export interface Operations {
  /** Claims for `timeoutMs` from now: at least as long as the attempt may run. */
  claim(operationId: string, timeoutMs: number, asks?: AsksTheSwitch): Promise<Claim>;
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
    async claim(operationId, timeoutMs, asks) {
      for (let look = 0; look < looksMax; look += 1) {
        const row = await tryClaim(db, {
          operationId,
          timeoutMs,
          scopes: coveringOf(operationId, asks),
        });
        const claim = row === undefined ? undefined : claimOf(row);
        if (claim !== undefined) return claim;
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

/** Where no attempt was made yet and none may be, there is no operation. */
interface ClaimRow {
  readonly stop: string | null;
  readonly scopes: readonly string[];
  readonly mine: boolean | null;
  /** The claim's time is not up. */
  readonly held: boolean | null;
  readonly operation: {
    readonly state: 'claimed' | 'done';
    readonly first_attempt_at: string;
    readonly claimed_until: string;
    readonly attempts: number;
    readonly clean_attempts: number;
    readonly result: Json;
  } | null;
}

/** Every scope that covers the operation, as an array: everything, its class, and what its run is about. */
function coveringOf(operationId: string, asks: AsksTheSwitch | undefined): RawBuilder<unknown> {
  if (asks === undefined) return sql`'{}'::text[]`;
  return sql`${[everything, `class:${asks.actionClass}`]}::text[] || ARRAY(
    SELECT unnest(ARRAY['environment:' || environment, 'service:' || service, 'runbook:' || runbook])
    FROM runs WHERE run = split_part(${operationId}, '/', 1))`;
}

interface Attempting {
  readonly operationId: string;
  readonly timeoutMs: number;
  readonly scopes: RawBuilder<unknown>;
}

async function tryClaim(
  db: Db,
  { operationId, timeoutMs, scopes }: Attempting,
): Promise<ClaimRow | undefined> {
  const { rows } = await sql<ClaimRow>`
    WITH covering AS MATERIALIZED (SELECT ${scopes} AS scopes), stop AS MATERIALIZED (
      SELECT by || ' stopped ' || scope || ': ' || why AS stop FROM switches
      WHERE scope = ANY((SELECT scopes FROM covering)::text[]) ORDER BY scope LIMIT 1
    ), claimed AS (
      INSERT INTO operations AS old (operation_id, state, claimed_until)
      SELECT ${operationId}, 'claimed', clock_timestamp() + ${timeoutMs} * interval '1 millisecond'
      WHERE NOT EXISTS (SELECT FROM stop)
      ON CONFLICT (operation_id) DO UPDATE
        SET claimed_until = excluded.claimed_until, attempts = old.attempts + 1
        WHERE old.state = 'claimed' AND old.claimed_until <= clock_timestamp()
      RETURNING *
    ), found AS (
      SELECT true AS mine, * FROM claimed
      UNION ALL
      SELECT false AS mine, * FROM operations
        WHERE operation_id = ${operationId} AND NOT EXISTS (SELECT FROM claimed)
    )
    SELECT mine, claimed_until > clock_timestamp() AS held, (SELECT stop FROM stop) AS stop,
      (SELECT scopes FROM covering) AS scopes,
      CASE WHEN mine IS NOT NULL THEN to_jsonb(found) END AS operation
    FROM (SELECT) AS one LEFT JOIN found ON true`.execute(db);
  return rows[0];
}

/** Undefined when the row was made by another between the insert and the look. */
function claimOf(row: ClaimRow): Claim | undefined {
  const { operation, stop } = row;
  if (operation?.state === 'done') return { state: 'done', result: operation.result };
  if (operation !== null && row.mine !== true && row.held === true)
    return { state: 'busy', untilMs: Date.parse(operation.claimed_until) };
  if (stop !== null) {
    const touched = operation !== null && operation.attempts > operation.clean_attempts;
    return { state: 'stopped', why: stop, touched };
  }
  if (operation === null || row.mine !== true) return undefined;
  return {
    state: operation.attempts - 1 === operation.clean_attempts ? 'new' : 'again',
    firstAttemptAtMs: Date.parse(operation.first_attempt_at),
    attempt: operation.attempts,
    scopes: row.scopes,
  };
}
