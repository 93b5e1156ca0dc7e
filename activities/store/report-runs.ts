/**
 * What reports say of runs: those that began within a span, counted by what became of them, and what people decided about
 * them. Reads the list of runs and their ledger lines, writes nothing; every list has a bound.
 */
import { sql } from 'kysely';
import type { OutcomeKind } from '../../workflows/domain/outcome.js';
import type { Reason } from '../../workflows/domain/reason.js';
import type { Db } from './db.js';
import { isIn, type Span } from './report-span.js';

export interface OutcomeCount {
  /** Classes of the steps it proposed, in order of the alphabet; empty when it proposed none. */
  readonly classes: readonly string[];
  /** Null while it has none. */
  readonly outcome: OutcomeKind | null;
  readonly runs: number;
}

/** All runs of the span, each once. */
export async function countOutcomes(db: Db, span: Span): Promise<OutcomeCount[]> {
  const { rows } = await sql<OutcomeCount>`
    WITH classed AS (
      SELECT outcome, ARRAY(
        SELECT DISTINCT planned ->> 'actionClass' FROM ledger,
          jsonb_array_elements(CASE WHEN jsonb_typeof(detail -> 'steps') = 'array' THEN detail -> 'steps' ELSE '[]' END) AS planned
        WHERE ledger.run = runs.run AND kind = 'proposal' ORDER BY 1
      ) AS classes
      FROM runs WHERE ${isIn('opened_at', span)}
    )
    SELECT classes, outcome, count(*) AS runs FROM classed GROUP BY classes, outcome
    ORDER BY classes, outcome`.execute(db);
  return rows;
}

export interface ActedAlone {
  readonly runbook: string;
  readonly service: string;
  readonly runs: number;
  readonly resolved: number;
  readonly undone: number;
  /** Everything else: a person must see to it, or will. */
  readonly others: number;
}

/** Runs that an alert began, that nobody was asked about (level 4 or 5), and that changed something. The most frequent first. */
export async function countActedAlone(db: Db, span: Span): Promise<ActedAlone[]> {
  const { rows } = await sql<ActedAlone>`
    SELECT runbook, service, count(*) AS runs, count(*) FILTER (WHERE outcome = 'resolved') AS resolved,
      count(*) FILTER (WHERE outcome = 'undone') AS undone,
      count(*) FILTER (WHERE outcome IS NULL OR outcome NOT IN ('resolved', 'undone')) AS others
    FROM runs
    WHERE ${isIn('opened_at', span)} AND trigger = 'alert' AND level >= 4
      AND EXISTS (SELECT FROM ledger WHERE ledger.run = runs.run AND kind = 'effect')
    GROUP BY runbook, service ORDER BY count(*) DESC, runbook, service LIMIT ${groupsMax}`.execute(
    db,
  );
  return rows;
}

/** A message that counted. */
export interface Counted {
  readonly run: string;
  readonly runbook: string;
  readonly service: string;
  /** A kind of message: `approve`, `refired`, … */
  readonly kind: string;
  /** Whom it says it is from; unverified. */
  readonly by: string;
  /** From when people were first asked about the plan; null when nobody was asked. */
  readonly tookMs: number | null;
}

/** Those of people and of the intake, the latest first, at most 10,000. */
export async function listCounted(db: Db, span: Span): Promise<Counted[]> {
  const { rows } = await sql<Counted>`
    WITH counted AS (
      SELECT run, runs.runbook, runs.service, seq, at, coalesce(actor, '') AS by,
        split_part(detail ->> 'signal', ':', 1) AS kind
      FROM runs JOIN ledger USING (run)
      WHERE ${isIn('opened_at', span)} AND ledger.kind = 'signal' AND detail ->> 'counted' = 'true'
      ORDER BY seq DESC LIMIT ${countedMax}
    )
    SELECT run, runbook, service, kind, by,
      floor(1000 * extract(epoch FROM at - (
        SELECT min(at) FROM ledger AS asked
        WHERE asked.run = counted.run AND asked.kind = 'escalation' AND asked.seq < counted.seq
          AND asked.seq > (
            SELECT max(seq) FROM ledger AS proposed
            WHERE proposed.run = counted.run AND proposed.kind = 'proposal' AND proposed.seq < counted.seq
          )
      )))::bigint AS "tookMs"
    FROM counted ORDER BY seq DESC`.execute(db);
  return rows;
}

export interface Refused {
  readonly outcome: OutcomeKind;
  readonly reason: Reason;
  readonly runs: number;
  readonly services: number;
  /** The latest of them. */
  readonly run: string;
}

/** Runs that changed nothing, by the reason they gave. The most frequent first. */
export async function countRefusals(db: Db, span: Span): Promise<Refused[]> {
  const { rows } = await sql<Refused>`
    SELECT outcome, reason, count(*) AS runs, count(DISTINCT service) AS services,
      (array_agg(run ORDER BY opened_at DESC, run))[1] AS run
    FROM runs
    WHERE ${isIn('opened_at', span)} AND outcome IN ('withheld', 'advised') AND reason IS NOT NULL
    GROUP BY outcome, reason ORDER BY count(*) DESC, reason`.execute(db);
  return rows;
}

const groupsMax = 200;
const countedMax = 10_000;
