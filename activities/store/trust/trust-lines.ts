/** Reads of the ledger what trust looks at, in its order; nothing else of a line, for a proposal may be long. Writes nothing. */
import { sql } from 'kysely';
import type { Db } from '../db.js';
import type { TrustLine } from './facts-of-run.js';

export interface RunLine extends TrustLine {
  readonly run: string;
  /** Null in a person's note, as the next two. */
  readonly service: string | null;
  readonly environment: string | null;
  readonly runbook: string | null;
  readonly at: Date;
}

const columns = sql`
  id, run, kind, tier, outcome, reason, service, environment, runbook, at,
  CASE WHEN kind = 'intent' AND detail ->> 'operation' NOT LIKE '%/undo' THEN action_class END AS begins,
  CASE WHEN kind = 'proposal'
    THEN jsonb_path_query_array(detail, '$.steps[*].actionClass') ELSE '[]' END AS proposes,
  CASE WHEN kind = 'signal' AND detail -> 'counted' = 'true'
    THEN split_part(detail ->> 'signal', ':', 1) END AS heeded,
  CASE WHEN kind = 'trust' AND detail ->> 'did' IN ('same', 'other') THEN detail ->> 'did' END AS did`;

const looked = sql`kind IN ('proposal', 'signal', 'intent', 'outcome', 'closed', 'trust')`;

/** Of these runs, by run. */
export async function trustLinesOf(
  db: Db,
  runs: readonly string[],
): Promise<ReadonlyMap<string, RunLine[]>> {
  const { rows } = await sql<RunLine>`
    SELECT ${columns} FROM ledger WHERE run = ANY(${runs}::text[]) AND ${looked} ORDER BY seq`.execute(
    db,
  );
  const byRun = new Map<string, RunLine[]>();
  for (const line of rows) byRun.set(line.run, [...(byRun.get(line.run) ?? []), line]);
  return byRun;
}

/** Every run of the ledger that has something to count, in order of their names, from the one after `afterRun`. */
export async function countedRuns(db: Db, afterRun: string, limit: number): Promise<string[]> {
  const { rows } = await sql<{ run: string }>`
    SELECT DISTINCT run FROM ledger
    WHERE run > ${afterRun} AND kind IN ('signal', 'outcome', 'closed', 'trust')
      AND EXISTS (SELECT FROM ledger AS first WHERE first.run = ledger.run AND first.kind = 'opened')
    ORDER BY run LIMIT ${limit}`.execute(db);
  return rows.map(({ run }) => run);
}
