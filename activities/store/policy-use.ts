/** What decisions, runs and alerts of a time used of the policies, and what each decision knew: read from the ledger, never written. */
import { sql, type RawBuilder } from 'kysely';
import type { PolicyWords } from '../policy/source.js';
import type { PolicyTrace } from '../policy/trace.js';
import type { Level } from '../../workflows/domain/level.js';
import type { OutcomeKind } from '../../workflows/domain/outcome.js';
import type { Reason } from '../../workflows/domain/reason.js';
import type { Confidence } from '../../workflows/domain/telemetry.js';
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
  /** Of the proposal; null where it told none. */
  readonly confidence: Confidence | null;
}

/** Lines read at a time: a period of any length is gone through in a few megabytes. */
const pageMax = 2_000;

/** Page for page until one is not full, each after the last line of the one before. */
async function* pagesOf<Line extends { readonly seq: number }>(
  read: (afterSeq: number) => Promise<readonly Line[]>,
): AsyncGenerator<readonly Line[]> {
  let afterSeq = 0;
  for (;;) {
    const page = await read(afterSeq);
    yield page;
    const last = page.at(-1);
    if (last === undefined || page.length < pageMax) return;
    afterSeq = last.seq;
  }
}

/** A period: from so many milliseconds ago until so many ago. */
export interface Period {
  readonly sinceMs: number;
  /** 0, which is now, unless given. */
  readonly untilMs?: number;
}

const within = (column: string, { sinceMs, untilMs = 0 }: Period) =>
  sql`${sql.ref(column)} >= ${since(sinceMs)} AND ${sql.ref(column)} <= ${since(untilMs)}`;

/** Every decision of the time, the newest last, in pages; only those that left a trace. */
export function tracedDecisions(db: Db, period: Period): AsyncGenerator<readonly TracedDecision[]> {
  return pagesOf((afterSeq) =>
    decisionsWhere(
      db,
      sql`${within('decision.recorded_at', period)} AND decision.seq > ${afterSeq}`,
    ),
  );
}

/** Those of one run: it asks a few times at most. */
export function decisionsOf(db: Db, run: string): Promise<readonly TracedDecision[]> {
  return decisionsWhere(db, sql`decision.run = ${run}`);
}

async function decisionsWhere(
  db: Db,
  which: RawBuilder<unknown>,
): Promise<readonly TracedDecision[]> {
  const { rows } = await sql<TracedDecision>`
    SELECT decision.seq, decision.run, decision.at, decision.says, decision.reason,
      decision.detail -> 'policy' AS trace, decision.detail -> 'confidence' AS confidence,
      coalesce((
        SELECT jsonb_agg(DISTINCT step.value ->> 'target')
        FROM ledger AS proposal, jsonb_array_elements(proposal.detail -> 'steps') AS step
        WHERE proposal.run = decision.run AND proposal.kind = 'proposal'
          AND proposal.detail ->> 'planHash' = decision.detail ->> 'planHash'), '[]') AS targets
    FROM ledger AS decision
    WHERE decision.kind = 'decision' AND decision.detail ? 'policy' AND ${which}
    ORDER BY decision.seq
    LIMIT ${pageMax}`.execute(db);
  return rows;
}

/** One effect that Belay did without asking anybody first. */
export interface AutonomousAction {
  readonly seq: number;
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
 * Every intent of the time that was no undo, in pages, with the decision before it and the outcome after. `alone` leaves out what
 * a person triggered or approved.
 */
export function actionsWithin(
  db: Db,
  { alone, ...period }: Period & { readonly alone: boolean },
): AsyncGenerator<readonly AutonomousAction[]> {
  const onlyAlone = alone ? sql`AND decision.level >= 4` : sql``;
  const during = within('intent.recorded_at', period);
  return pagesOf(async (afterSeq) => {
    const { rows } = await sql<AutonomousAction>`
      SELECT intent.seq, intent.at, intent.run, intent.runbook, intent.service, intent.environment, intent.step,
        intent.says, decision.level, decision.detail ->> 'policyDigest' AS "policyDigest",
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
      WHERE intent.kind = 'intent' AND ${during} AND intent.seq > ${afterSeq}
        AND coalesce(intent.detail ->> 'operation', '') NOT LIKE '%/undo' ${onlyAlone}
      ORDER BY intent.seq
      LIMIT ${pageMax}`.execute(db);
    return rows;
  });
}

/** Empty when the ledger does not know the set. */
export async function wordsOfSet(db: Db, digest: string): Promise<readonly PolicyWords[]> {
  const { rows } = await sql<{ words: readonly PolicyWords[] }>`
    SELECT coalesce(detail -> 'words', '[]') AS words FROM ledger
    WHERE run IS NULL AND kind = 'policy' AND detail ->> 'kind' = 'in-force' AND detail ->> 'digest' = ${digest}
    ORDER BY seq DESC LIMIT 1`.execute(db);
  return rows[0]?.words ?? [];
}
