/**
 * What reports say of trust: what each class of action showed within a span, at which level it stood at its end, and what
 * changed in between. Reads facts and ledger lines, writes nothing; every list has a bound.
 */
import { sql } from 'kysely';
import type { Level } from '../../workflows/domain/level.js';
import type { Db } from './db.js';
import { isIn, type Span } from './report-span.js';
import { ceilingByDefault } from './trust/ceiling.js';
import { badFacts, hiddenFailures } from './trust/fact.js';

export interface ShownTrust {
  /** `class/tier/environment`. */
  readonly record: string;
  /** The ceiling at the end of the span. */
  readonly level: Level;
  readonly proposed: number;
  readonly agreed: number;
  readonly disagreed: number;
  readonly held: number;
  /** Runs that acted and were over: those that held and those that came to something bad. */
  readonly trials: number;
  readonly hidden: number;
}

/** Runs of the span, each once for a fact; in order of the records' names, at most 200. */
export async function countTrust(db: Db, span: Span): Promise<ShownTrust[]> {
  const { rows } = await sql<ShownTrust>`
    SELECT concat_ws('/', action_class, tier, environment) AS record,
      coalesce((SELECT level FROM ledger
        WHERE kind = 'trust' AND ledger.action_class = facts.action_class AND ledger.tier = facts.tier
          AND ledger.environment = facts.environment AND ledger.at < ${span.until}
        ORDER BY seq DESC LIMIT 1), ${ceilingByDefault}::smallint) AS level,
      count(*) FILTER (WHERE fact = 'proposed') AS proposed,
      count(*) FILTER (WHERE fact = 'agreed') AS agreed,
      count(*) FILTER (WHERE fact = 'disagreed') AS disagreed,
      count(*) FILTER (WHERE fact = 'held') AS held,
      count(DISTINCT run) FILTER (WHERE fact = 'held' OR fact = ANY(${badFacts}::text[])) AS trials,
      count(DISTINCT run) FILTER (WHERE fact = ANY(${hiddenFailures}::text[])) AS hidden
    FROM trust_facts AS facts WHERE ${isIn('facts.at', span)}
    GROUP BY action_class, tier, environment ORDER BY 1 LIMIT 200`.execute(db);
  return rows;
}

export interface TrustChangeIn {
  readonly at: Date;
  /** `grant`, `promotion`, `demotion`, or `drill`. */
  readonly change: string;
  readonly says: string;
}

/** Grants, promotions, demotions and drills, the latest first; at most 20. */
export async function listTrustChanges(db: Db, span: Span): Promise<TrustChangeIn[]> {
  const { rows } = await sql<TrustChangeIn>`
    SELECT at, coalesce(detail ->> 'change', kind) AS change, says FROM ledger
    WHERE (kind = 'drill' OR (kind = 'trust' AND level IS NOT NULL)) AND ${isIn('at', span)}
    ORDER BY seq DESC LIMIT 20`.execute(db);
  return rows;
}
