/** What the ledger and the inbox themselves say of runbooks and of the layers beneath. Writes nothing. */
import { sql } from 'kysely';
import type { Db } from '../db.js';

/** Of the last 30 days. */
export interface MeasuredRunbook {
  readonly runbook: string;
  readonly runs: number;
  /** Begun by an alert. */
  readonly byAlert: number;
  readonly acted: number;
  /** Acted at level 4 or 5. */
  readonly alone: number;
  /** Acted and over, with an effect or undo line for every intent, and an outcome. */
  readonly accounted: number;
  readonly resolved: number;
  /** Proposed a step. */
  readonly proposed: number;
  /** For a named service, each step with the state of its target before. */
  readonly structured: number;
  /** Acted, and the decision names the policy and the code it was made by. */
  readonly governed: number;
}

/** By runbook; one that had no run in the last 30 days is left out. Throws what the database throws. */
export async function measureRunbooks(db: Db): Promise<ReadonlyMap<string, MeasuredRunbook>> {
  const { rows } = await sql<MeasuredRunbook>`
    WITH recent AS (
      SELECT run, runbook, trigger, level, outcome, state FROM runs WHERE opened_at > now() - interval '30 days'
    ), said AS (
      SELECT recent.*, count(*) FILTER (WHERE kind = 'intent') AS intents,
        count(*) FILTER (WHERE kind IN ('effect', 'undo')) AS answers,
        bool_or(kind = 'proposal' AND detail #> '{steps,0}' IS NOT NULL) AS plans,
        bool_and(kind <> 'proposal' OR ledger.service <> '' AND NOT jsonb_path_exists(detail,
          '$.steps[*] ? (!(exists(@.before)) || @.before == null)')) AS structured,
        bool_or(kind = 'decision' AND detail ->> 'policyDigest' IS NOT NULL AND digest <> '') AS governed
      FROM recent JOIN ledger USING (run) GROUP BY recent.run, recent.runbook, recent.trigger, recent.level,
        recent.outcome, recent.state
    )
    SELECT said.runbook, count(*) AS runs, count(*) FILTER (WHERE trigger = 'alert') AS "byAlert",
      count(*) FILTER (WHERE intents > 0 AND state = 'closed') AS acted,
      count(*) FILTER (WHERE intents > 0 AND state = 'closed' AND level >= 4) AS alone,
      count(*) FILTER (WHERE intents > 0 AND state = 'closed' AND answers >= intents AND outcome IS NOT NULL) AS accounted,
      count(*) FILTER (WHERE intents > 0 AND outcome = 'resolved') AS resolved,
      count(*) FILTER (WHERE plans) AS proposed, count(*) FILTER (WHERE plans AND structured) AS structured,
      count(*) FILTER (WHERE intents > 0 AND state = 'closed' AND governed) AS governed
    FROM said GROUP BY said.runbook ORDER BY said.runbook LIMIT 1000`.execute(db);
  return new Map(rows.map((row) => [row.runbook, row] as const));
}

export interface MeasuredLayers {
  /** Services whose alerts came in, of the last 30 days. */
  readonly heard: readonly string[];
  /** Names of firing alerts a runbook took, and of those none did. */
  readonly matchedNames: number;
  readonly unmatchedNames: number;
  /** Notices of the last 30 days, and those that arrived. */
  readonly notices: number;
  readonly delivered: number;
}

/** Numbers of what came in and went out; what nobody sent is 0. Throws what the database throws. */
export async function measureLayers(db: Db): Promise<MeasuredLayers> {
  const { rows } = await sql<MeasuredLayers>`
    WITH recent AS (
      SELECT alert ->> 'name' AS name, alert ->> 'service' AS service, state FROM inbox
      WHERE status = 'firing' AND received_at > now() - interval '30 days'
    )
    SELECT (SELECT coalesce(jsonb_agg(DISTINCT service), '[]') FROM recent) AS heard,
      (SELECT count(DISTINCT name) FROM recent WHERE state <> 'unmatched') AS "matchedNames",
      (SELECT count(DISTINCT name) FROM recent WHERE state = 'unmatched'
        AND name NOT IN (SELECT name FROM recent WHERE state <> 'unmatched')) AS "unmatchedNames",
      (SELECT count(*) FROM notices WHERE created_at > now() - interval '30 days') AS notices,
      (SELECT count(*) FROM notices WHERE created_at > now() - interval '30 days' AND delivered_at IS NOT NULL)
        AS delivered`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('the layers could not be measured');
  return row;
}
