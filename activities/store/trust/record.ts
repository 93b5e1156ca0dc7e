/** The read side of trust: records as counts, the ledger lines behind each count, ceilings and drills. Writes nothing. */
import { sql } from 'kysely';
import type { Level } from '../../../workflows/domain/level.js';
import type { Db } from '../db.js';
import { ceilingByDefault, type RecordKey } from './ceiling.js';
import { badFacts, factKinds, hiddenFailures, type FactKind } from './fact.js';
import { wilsonLowerBound } from './wilson.js';

/** What counts for a promotion is not older than this. */
export const windowDays = 180;

export interface TrustRecord extends RecordKey {
  /** In force now. */
  readonly ceiling: Level;
  readonly why: string;
  /** Ledger line that set it; empty when nothing did. */
  readonly since: string;
  readonly sinceAt: Date | null;
  /** Runs that showed each fact, in the window. */
  readonly counts: Readonly<Record<FactKind, number>>;
  /** Runs that came back or were never well, counted once each. */
  readonly hidden: number;
  /** Runs that acted and are over: those that held and those that came to something bad. */
  readonly trials: number;
  /** Lower bound of the share that held. */
  readonly bound: number;
  /** Runs since the ceiling was last changed that a person answered or noted. */
  readonly reviewed: number;
  readonly services: readonly string[];
  readonly runbooks: readonly string[];
}

interface CountedRow extends RecordKey {
  readonly counts: Partial<Record<FactKind, number>> | null;
  readonly hidden: number;
  readonly trials: number;
  readonly good: number;
  readonly reviewed: number;
  readonly services: readonly string[] | null;
  readonly runbooks: readonly string[] | null;
  readonly ceiling: Level | null;
  readonly why: string | null;
  readonly entry: string | null;
  readonly changedAt: Date | null;
}

/** By class, tier and environment; a class that only has a ceiling has a record too. */
export async function listRecords(db: Db, actionClass?: string): Promise<TrustRecord[]> {
  const { rows } = await sql<CountedRow>`
    WITH recent AS (
      SELECT facts.*, coalesce(facts.at > ceilings.changed_at, true) AS fresh
      FROM trust_facts AS facts LEFT JOIN trust_ceilings AS ceilings USING (action_class, tier, environment)
      WHERE facts.at > now() - make_interval(days => ${windowDays})
    ),
    counted AS (
      SELECT action_class, tier, environment, jsonb_object_agg(fact, times) AS counts FROM (
        SELECT action_class, tier, environment, fact, count(*) AS times FROM recent
        GROUP BY action_class, tier, environment, fact) AS each
      GROUP BY action_class, tier, environment
    ),
    weighed AS (
      SELECT action_class, tier, environment,
        count(DISTINCT run) FILTER (WHERE fact = ANY(${hiddenFailures}::text[])) AS hidden,
        count(DISTINCT run) FILTER (WHERE fact = 'held' OR fact = ANY(${badFacts}::text[])) AS trials,
        count(DISTINCT run) FILTER (WHERE fact = 'held') AS good,
        count(DISTINCT run) FILTER (WHERE fresh AND fact IN ('agreed', 'disagreed')) AS reviewed,
        array_agg(DISTINCT service ORDER BY service) AS services,
        array_agg(DISTINCT runbook ORDER BY runbook) AS runbooks
      FROM recent GROUP BY action_class, tier, environment
    )
    SELECT action_class AS "actionClass", tier, environment, counts, coalesce(hidden, 0) AS hidden,
      coalesce(trials, 0) AS trials, coalesce(good, 0) AS good, coalesce(reviewed, 0) AS reviewed, services, runbooks,
      ceiling, why, entry, changed_at AS "changedAt"
    FROM counted JOIN weighed USING (action_class, tier, environment)
      FULL JOIN trust_ceilings USING (action_class, tier, environment)
    WHERE ${actionClass ?? null}::text IS NULL OR action_class = ${actionClass ?? null}
    ORDER BY action_class, tier, environment LIMIT 1000`.execute(db);
  return rows.map(recordOf);
}

function recordOf(row: CountedRow): TrustRecord {
  const { actionClass, tier, environment, hidden, trials, good, reviewed } = row;
  const none = Object.fromEntries(factKinds.map((fact) => [fact, 0])) as Record<FactKind, number>;
  return {
    actionClass,
    tier,
    environment,
    ceiling: row.ceiling ?? ceilingByDefault,
    why: row.why ?? 'nothing was granted or earned yet',
    since: row.entry ?? '',
    sinceAt: row.changedAt,
    counts: { ...none, ...row.counts },
    hidden,
    trials,
    bound: wilsonLowerBound(Math.min(good, trials), trials),
    reviewed,
    services: row.services ?? [],
    runbooks: row.runbooks ?? [],
  };
}

export interface ExplainedFact {
  readonly fact: FactKind;
  readonly run: string;
  readonly service: string;
  readonly entry: string;
  readonly seq: number | null;
  /** What the line says; null when the ledger no longer holds it. */
  readonly says: string | null;
  readonly at: Date;
}

/** The line behind each number, the latest first; at most 1,000. */
export async function explainRecord(db: Db, key: RecordKey): Promise<ExplainedFact[]> {
  const { rows } = await sql<ExplainedFact>`
    SELECT fact, facts.run, facts.service, entry, seq, says, facts.at
    FROM trust_facts AS facts LEFT JOIN ledger ON ledger.run = facts.run AND ledger.id = facts.entry
    WHERE facts.action_class = ${key.actionClass} AND facts.tier = ${key.tier}
      AND facts.environment = ${key.environment} AND facts.at > now() - make_interval(days => ${windowDays})
    ORDER BY facts.at DESC, seq DESC LIMIT 1000`.execute(db);
  return rows;
}

export interface TrustChange {
  readonly at: Date;
  readonly actor: string;
  readonly says: string;
  readonly change: string;
}

/** Grants, promotions and demotions, the latest first; at most 100. */
export async function changesOf(db: Db, key: RecordKey): Promise<TrustChange[]> {
  const { rows } = await sql<TrustChange>`
    SELECT at, actor, says, detail ->> 'change' AS change FROM ledger
    WHERE kind = 'trust' AND action_class = ${key.actionClass} AND tier = ${key.tier}
      AND environment = ${key.environment}
    ORDER BY seq DESC LIMIT 100`.execute(db);
  return rows;
}
