/** Runs that asked or only advised, beside what people did: how often would Belay have done the same? Writes nothing. */
import { sql } from 'kysely';
import type { Level } from '../../../workflows/domain/level.js';
import type { OutcomeKind } from '../../../workflows/domain/outcome.js';
import type { Reason } from '../../../workflows/domain/reason.js';
import type { Db } from '../db.js';

export interface ShadowRun {
  readonly run: string;
  readonly runbook: string;
  readonly service: string;
  readonly level: Level;
  readonly outcome: OutcomeKind | null;
  readonly reason: Reason | null;
  /** The plan in a sentence. */
  readonly proposed: string | null;
  /** What people did, from the ledger; empty when nobody said. */
  readonly did: readonly string[];
  readonly verdict: 'same' | 'otherwise' | 'resolved by itself' | 'nobody said';
  readonly at: Date;
}

interface Row extends Omit<ShadowRun, 'verdict' | 'did'> {
  readonly agreed: boolean;
  readonly disagreed: boolean;
  readonly did: readonly string[] | null;
}

/** Runs of level 1 to 3 that are over, the latest first; at most 1,000. A disagreement outweighs an agreement. */
export async function shadowRuns(db: Db, sinceMs: number): Promise<ShadowRun[]> {
  const { rows } = await sql<Row>`
    SELECT runs.run, runs.runbook, runs.service, runs.level, runs.outcome, runs.reason, runs.opened_at AS at,
      (SELECT says FROM ledger WHERE ledger.run = runs.run AND kind = 'proposal' ORDER BY seq DESC LIMIT 1) AS proposed,
      coalesce(said.agreed, false) AS agreed, coalesce(said.disagreed, false) AS disagreed, said.did
    FROM runs LEFT JOIN LATERAL (
      SELECT bool_or(fact = 'agreed') AS agreed, bool_or(fact = 'disagreed') AS disagreed,
        array_agg(DISTINCT ledger.says) AS did
      FROM trust_facts JOIN ledger ON ledger.run = trust_facts.run AND ledger.id = trust_facts.entry
      WHERE trust_facts.run = runs.run AND fact IN ('agreed', 'disagreed')) AS said ON true
    WHERE runs.level <= 3 AND runs.outcome IS NOT NULL
      AND runs.opened_at > now() - ${sinceMs} * interval '1 millisecond'
    ORDER BY runs.opened_at DESC, runs.run LIMIT 1000`.execute(db);
  return rows.map(({ agreed, disagreed, did, ...run }) => {
    return {
      ...run,
      did: did ?? [],
      verdict: verdictOf({ agreed, disagreed, reason: run.reason }),
    };
  });
}

function verdictOf(row: Pick<Row, 'agreed' | 'disagreed' | 'reason'>): ShadowRun['verdict'] {
  if (row.disagreed) return 'otherwise';
  if (row.agreed) return 'same';
  return row.reason === 'resolved-meanwhile' ? 'resolved by itself' : 'nobody said';
}
