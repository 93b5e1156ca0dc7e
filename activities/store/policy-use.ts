/** What decisions, runs and alerts of a time used of the policies, and what each decision knew: read from the ledger, never written. */
import { sql } from 'kysely';
import type { PolicyTrace } from '../policy/trace.js';
import type { Level } from '../../workflows/domain/level.js';
import type { OutcomeKind } from '../../workflows/domain/outcome.js';
import type { Reason } from '../../workflows/domain/reason.js';
import type { Db } from './db.js';

/** Everything that was used within a time, by name. */
export interface Use {
  readonly policies: readonly string[];
  readonly runbooks: readonly string[];
  readonly services: readonly string[];
  readonly alerts: readonly string[];
}

const since = (sinceMs: number) => sql`clock_timestamp() - ${sinceMs} * interval '1 millisecond'`;

/** Reads every decision of the time: for people, not for loops. */
export async function readUse(db: Db, sinceMs: number): Promise<Use> {
  const { rows } = await sql<Use>`
    WITH steps AS (
      SELECT step.value AS step FROM ledger,
        jsonb_array_elements(coalesce(detail #> '{policy,steps}', '[]')) AS step
      WHERE kind = 'decision' AND recorded_at >= ${since(sinceMs)}
    ), ids AS (
      SELECT jsonb_array_elements_text(coalesce(step -> 'by', '[]')) AS id FROM steps
      UNION SELECT jsonb_array_elements_text(coalesce(step -> 'held', '[]')) FROM steps
    ), ran AS (
      SELECT runbook, service, alert ->> 'name' AS alert FROM runs WHERE changed_at >= ${since(sinceMs)}
    ), came AS (
      SELECT alert ->> 'service' AS service, alert ->> 'name' AS alert FROM inbox
      WHERE received_at >= ${since(sinceMs)}
    )
    SELECT coalesce((SELECT jsonb_agg(id ORDER BY id) FROM ids), '[]') AS policies,
      coalesce((SELECT jsonb_agg(DISTINCT runbook) FROM ran), '[]') AS runbooks,
      coalesce((SELECT jsonb_agg(DISTINCT service) FROM (SELECT service FROM ran UNION SELECT service FROM came) AS s), '[]')
        AS services,
      coalesce((SELECT jsonb_agg(DISTINCT alert) FROM (SELECT alert FROM ran UNION SELECT alert FROM came) AS a), '[]')
        AS alerts`.execute(db);
  return rows[0] ?? { policies: [], runbooks: [], services: [], alerts: [] };
}

/** One decision at admission, with its trace. */
export interface TracedDecision {
  readonly seq: number;
  readonly run: string;
  readonly at: Date;
  readonly says: string;
  readonly reason: Reason | null;
  readonly targets: readonly string[];
  readonly trace: PolicyTrace;
}

/** More decisions than this are replayed in parts. */
const decisionsMax = 100_000;

/** The newest last; only those that left a trace. */
export async function tracedDecisions(
  db: Db,
  wanted: { readonly sinceMs: number } | { readonly run: string },
): Promise<TracedDecision[]> {
  const which =
    'run' in wanted
      ? sql`decision.run = ${wanted.run}`
      : sql`decision.recorded_at >= ${since(wanted.sinceMs)}`;
  const { rows } = await sql<TracedDecision>`
    SELECT decision.seq, decision.run, decision.at, decision.says, decision.reason,
      decision.detail -> 'policy' AS trace,
      coalesce((
        SELECT jsonb_agg(DISTINCT step.value ->> 'target')
        FROM ledger AS proposal, jsonb_array_elements(proposal.detail -> 'steps') AS step
        WHERE proposal.run = decision.run AND proposal.kind = 'proposal'
          AND proposal.detail ->> 'planHash' = decision.detail ->> 'planHash'), '[]') AS targets
    FROM ledger AS decision
    WHERE decision.kind = 'decision' AND decision.detail ? 'policy' AND ${which}
    ORDER BY decision.seq
    LIMIT ${decisionsMax}`.execute(db);
  return rows;
}

/** One effect that Belay did without asking anybody first. */
export interface AutonomousAction {
  readonly at: Date;
  readonly run: string;
  readonly runbook: string;
  readonly service: string;
  readonly environment: string;
  readonly step: string | null;
  readonly says: string;
  readonly level: Level | null;
  readonly policyDigest: string | null;
  readonly release: string | null;
  readonly by: readonly string[];
  /** People whose yes counted; nobody where it was not asked for. */
  readonly approvers: readonly string[];
  readonly outcome: OutcomeKind | null;
}

/**
 * Every intent of the time that was no undo, with the decision before it and the outcome after. `alone` leaves out what a
 * person triggered or approved.
 */
export async function actionsSince(
  db: Db,
  { sinceMs, alone }: { readonly sinceMs: number; readonly alone: boolean },
): Promise<AutonomousAction[]> {
  const onlyAlone = alone ? sql`AND decision.level >= 4` : sql``;
  const { rows } = await sql<AutonomousAction>`
    SELECT intent.at, intent.run, intent.runbook, intent.service, intent.environment, intent.step, intent.says,
      decision.level, decision.detail ->> 'policyDigest' AS "policyDigest",
      decision.detail #>> '{policy,set,release}' AS release,
      coalesce((
        SELECT step.value -> 'by' FROM jsonb_array_elements(decision.detail #> '{policy,steps}') AS step
        WHERE step.value ->> 'step' = intent.step LIMIT 1), '[]') AS by,
      coalesce((
        SELECT jsonb_agg(DISTINCT signal.actor ORDER BY signal.actor) FROM ledger AS signal
        WHERE signal.run = intent.run AND signal.kind = 'signal' AND signal.seq < intent.seq
          AND signal.detail ->> 'counted' = 'true'
          AND signal.detail ->> 'signal' ~ '^(approve|trigger)'), '[]') AS approvers,
      (SELECT outcome.outcome FROM ledger AS outcome
        WHERE outcome.run = intent.run AND outcome.kind = 'outcome' ORDER BY outcome.seq DESC LIMIT 1) AS outcome
    FROM ledger AS intent
    LEFT JOIN LATERAL (
      SELECT level, detail FROM ledger AS before
      WHERE before.run = intent.run AND before.kind = 'decision' AND before.seq < intent.seq AND before.detail ? 'gates'
      ORDER BY before.seq DESC LIMIT 1) AS decision ON true
    WHERE intent.kind = 'intent' AND intent.recorded_at >= ${since(sinceMs)}
      AND coalesce(intent.detail ->> 'operation', '') NOT LIKE '%/undo' ${onlyAlone}
    ORDER BY intent.seq
    LIMIT ${decisionsMax}`.execute(db);
  return rows;
}
