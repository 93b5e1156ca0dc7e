/**
 * Writes ledger lines, notices, released leases and quarantines of any number of runs in one statement, all or nothing.
 * Writing the same again changes nothing; what the list of runs learns, it learns from lines that are new.
 */
import { sql, type RawBuilder } from 'kysely';
import type { Notice } from '../../workflows/domain/entry.js';
import type { Alert } from '../../workflows/domain/alert.js';
import type { Outcome } from '../../workflows/domain/outcome.js';
import type { RunRef } from '../../workflows/store.js';
import type { Db } from './db.js';
import type { Line } from './line.js';
import { pgJson } from './pg-json.js';
import { neverBegun } from './never-begun.js';
import { admitting } from './guards/admitted.js';
import type { AdmittedStep } from './guards/wanted.js';

export interface NoticeRow extends Notice {
  readonly id: string;
  readonly run: string;
}

/** In the order in which it is to stand in the ledger. */
export interface Writing {
  readonly refs: readonly RunRef[];
  readonly lines: readonly Line[];
  readonly notices: readonly NoticeRow[];
  /** Runs that give all their leases back. */
  readonly released: readonly string[];
  /** Targets whose leases go although their run does not: admission took them and found a no. */
  readonly dropped: readonly string[];
  readonly quarantined: readonly QuarantineMark[];
  /** Steps that were just let in. */
  readonly admitted?: readonly AdmittedStep[];
}

export interface QuarantineMark {
  readonly target: string;
  readonly run: string;
  readonly why: string;
}

/** The channel on which a deliverer hears that there is a notice. */
export const noticesChannel = 'belay_notices';

/** The outcome of a run that was there before another one was brought. */
export interface Standing extends Outcome {
  readonly run: string;
}

/** Answers which of the outcomes it was to write have another one before them; with such an outcome nobody is told of the new one. */
export async function write(db: Db, writing: Writing): Promise<readonly Standing[]> {
  const { lines, notices, released, dropped, quarantined, admitted = [] } = writing;
  if (lines.length + notices.length + released.length + dropped.length + quarantined.length === 0)
    return [];
  const parts = [
    given(lines),
    standing,
    ...(released.length + dropped.length > 0 ? [releasing(writing)] : []),
    ...(quarantined.length > 0 ? [quarantining(quarantined)] : []),
    ...(lines.length > 0 ? writingLines(writing) : []),
    ...(notices.length > 0 ? [telling(notices)] : []),
    ...(admitted.length > 0 ? [admitting(admitted)] : []),
  ];
  const wake = notices.length > 0 ? sql`pg_notify(${sql.lit(noticesChannel)}, '')` : sql`NULL`;
  const { rows } = await sql<{ standing: readonly Standing[] }>`
    WITH ${sql.join(parts)}
    SELECT (SELECT coalesce(jsonb_agg(to_jsonb(standing)), '[]') FROM standing) AS standing, ${wake}`.execute(
    db,
  );
  return rows[0]?.standing ?? [];
}

/** Only tells somebody something, together with whatever the transaction holds. The same id again changes nothing. */
export async function writeNotice(db: Db, notice: NoticeRow): Promise<void> {
  const nothing = { refs: [], lines: [], released: [], dropped: [], quarantined: [] };
  await write(db, { ...nothing, notices: [notice] });
}

/** The lines as they came, as a table. */
function given(lines: readonly Line[]): RawBuilder<unknown> {
  const numbered = lines.map((line, ord) => ({ ...line, ord }));
  return sql`
    given AS (
      SELECT * FROM jsonb_to_recordset(${pgJson(numbered)}::jsonb) AS line(
        ord integer, id text, run text, runbook text, digest text, service text, environment text, tier text,
        kind text, action_class text, trigger text, actor text, level smallint, reason text, outcome text, step text,
        says text, expected jsonb, actual jsonb, before_state jsonb, after_state jsonb, duration_ms bigint,
        at timestamptz, detail jsonb, run_state text, run_plan_hash text, run_outcome text, run_reason text,
        run_why text, run_opened boolean, run_closed boolean
      )
    )`;
}

/**
 * A worker that dies before Temporal has its word leaves its lines here, and another one tells the end of the run again, perhaps
 * another end: the first outcome stands, and only a resolved run that is taken back comes to a second one. After its close a
 * run has nothing to say but what became of a message.
 */
const standing = sql`
    standing AS (
      SELECT run, over.outcome AS kind, over.reason,
        CASE WHEN starts_with(over.why, over.outcome || ': ') THEN substr(over.why, length(over.outcome) + 3) ELSE over.why END AS why
      FROM given JOIN runs AS over USING (run)
      WHERE given.kind = 'outcome' AND over.outcome IS NOT NULL
        AND NOT (over.outcome = 'resolved' AND given.outcome IN ('undone', 'unresolved', 'stuck'))
    )`;

/** Locks in the order of targets, as admission does: two that meet wait for each other instead of blocking. */
function releasing({ released, dropped }: Writing): RawBuilder<unknown> {
  return sql`
    freed AS (
      DELETE FROM leases WHERE target IN (
        SELECT target FROM leases
        WHERE holder = ANY(${released}::text[]) OR target = ANY(${dropped}::text[])
        ORDER BY target FOR UPDATE
      )
    )`;
}

/** The first mark stays: it says which run left the target as it is. */
function quarantining(marks: readonly QuarantineMark[]): RawBuilder<unknown> {
  return sql`
    marked AS (
      INSERT INTO quarantine (target, run, why)
      SELECT target, run, why FROM jsonb_to_recordset(${pgJson(marks)}::jsonb)
        AS mark(target text, run text, why text)
      WHERE run NOT IN (SELECT run FROM standing)
      ORDER BY target
      ON CONFLICT (target) DO NOTHING
    )`;
}

function telling(notices: readonly NoticeRow[]): RawBuilder<unknown> {
  return sql`
    told AS (
      INSERT INTO notices (id, run, "to", urgency, title, text)
      SELECT id, run, "to", urgency, title, text FROM jsonb_to_recordset(${pgJson(notices)}::jsonb)
        AS notice(id text, run text, "to" text, urgency text, title text, text text)
      WHERE run NOT IN (SELECT run FROM standing)
      ON CONFLICT (id) DO NOTHING
    )`;
}

const ledgerColumns = sql.raw(
  `id, run, runbook, digest, service, environment, tier, kind, action_class, trigger, actor, level, reason, outcome,
   step, says, expected, actual, before_state, after_state, duration_ms, at, detail`,
);

function writingLines({ refs, lines }: Writing): RawBuilder<unknown>[] {
  const closed = lines.filter(({ run_closed }) => run_closed).map(({ run }) => run);
  return [
    sql`
    said AS (
      SELECT * FROM given
      WHERE NOT (kind = 'outcome' AND run IN (SELECT run FROM standing))
        AND NOT (kind <> 'signal' AND EXISTS (
          SELECT FROM runs AS over WHERE over.run = given.run AND over.state = 'closed'))
    )`,
    ...(closed.length > 0
      ? [neverBegun(closed), sql`line AS (SELECT * FROM never_begun UNION ALL SELECT * FROM said)`]
      : [sql`line AS (SELECT * FROM said)`]),
    sql`
    written AS (
      INSERT INTO ledger (${ledgerColumns})
      SELECT ${ledgerColumns} FROM line ORDER BY ord -- a line whose id is there is passed over (migration 0012)
      RETURNING id
    )`,
    projecting(refs),
  ];
}

/** One row for each run: the last word of its new lines on each question, and the earlier answer where they are silent. */
function projecting(refs: readonly RunRef[]): RawBuilder<unknown> {
  return sql`
    alert AS (
      SELECT * FROM jsonb_to_recordset(${pgJson(alertsOf(refs))}::jsonb) AS alert(run text, alert jsonb)
    ),
    learnt AS (
      SELECT line.run, ${sql.join(['runbook', 'service', 'environment', 'trigger'].map(lastOf))},
        ${sql.join(['run_state', 'level', 'run_plan_hash', 'run_outcome', 'run_reason', 'run_why'].map(lastOf))},
        min(at) FILTER (WHERE run_opened) AS opened_at, max(at) FILTER (WHERE run_closed) AS closed_at
      FROM line JOIN written USING (id) GROUP BY line.run
    ),
    projected AS (
      INSERT INTO runs AS old (run, runbook, service, environment, trigger, alert, state, level, plan_hash,
        outcome, reason, why, opened_at, closed_at)
      SELECT run, runbook, service, environment, trigger, alert, coalesce(run_state, 'proposing'), level,
        run_plan_hash, run_outcome, run_reason, run_why, opened_at, closed_at
      FROM learnt JOIN alert USING (run) ORDER BY run
      ON CONFLICT (run) DO UPDATE SET
        state = CASE WHEN old.state = 'closed' THEN old.state
          ELSE coalesce((SELECT run_state FROM learnt WHERE learnt.run = old.run), old.state) END,
        runbook = excluded.runbook,
        level = coalesce(excluded.level, old.level),
        plan_hash = coalesce(excluded.plan_hash, old.plan_hash),
        outcome = coalesce(excluded.outcome, old.outcome),
        reason = CASE WHEN excluded.outcome IS NULL THEN old.reason ELSE excluded.reason END,
        why = coalesce(excluded.why, old.why),
        opened_at = coalesce(old.opened_at, excluded.opened_at),
        closed_at = coalesce(excluded.closed_at, old.closed_at),
        changed_at = clock_timestamp()
    )`;
}

function lastOf(column: string): RawBuilder<unknown> {
  const name = sql.ref(column);
  return sql`(array_agg(${name} ORDER BY ord DESC) FILTER (WHERE ${name} IS NOT NULL))[1] AS ${name}`;
}

function alertsOf(refs: readonly RunRef[]): { run: string; alert: Alert }[] {
  return [...new Map(refs.map(({ run, alert }) => [run, { run, alert }])).values()];
}
