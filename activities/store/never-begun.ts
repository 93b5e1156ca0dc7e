/**
 * Accounts for intents that came to nothing: the effect line of an operation that no attempt ever claimed. Reads the ledger and
 * the operations; the statement it stands in writes.
 */
import { sql, type RawBuilder } from 'kysely';

export const neverBegunSays = 'never begun: the run ended before a first attempt at it';

/**
 * A worker that dies right after an admission leaves an intent its run no longer knows of, and the run may come to another end
 * when it is told again. Once it is closed nothing can begin any more, and the ledger says so.
 * A part named `never_begun` with the columns of `said`, the lines of the same statement, which it cannot see in the ledger.
 */
export function neverBegun(closed: readonly string[]): RawBuilder<unknown> {
  return sql`
    never_begun AS (
      SELECT -1 AS ord, encode(sha256(convert_to(id || ' never begun', 'UTF8')), 'hex') AS id, run, runbook, digest,
        service, environment, tier, CASE WHEN operation LIKE '%/undo' THEN 'undo' ELSE 'effect' END AS kind,
        action_class, trigger, NULL::text AS actor, NULL::smallint AS level, NULL::text AS reason,
        NULL::text AS outcome, step, ${neverBegunSays}::text AS says, expected, NULL::jsonb AS actual, before_state,
        NULL::jsonb AS after_state, 0::bigint AS duration_ms, clock_timestamp() AS at,
        jsonb_build_object('operation', operation, 'applied', 'no') AS detail, NULL::text AS run_state,
        NULL::text AS run_plan_hash, NULL::text AS run_outcome, NULL::text AS run_reason, NULL::text AS run_why,
        false AS run_opened, false AS run_closed
      FROM ledger AS intent, LATERAL (SELECT intent.detail ->> 'operation' AS operation) AS named
      WHERE intent.run = ANY(${closed}::text[]) AND intent.kind = 'intent'
        AND NOT EXISTS (SELECT FROM operations WHERE operations.operation_id = operation)
        AND NOT EXISTS (
          SELECT FROM (SELECT run, kind, detail FROM ledger UNION ALL SELECT run, kind, detail FROM said) AS met
          WHERE met.run = intent.run AND met.kind IN ('effect', 'undo') AND met.detail ->> 'operation' = operation)
    )`;
}
