/**
 * Puts the digest of each closed run's Temporal history into the ledger, so that a history that is changed afterwards is found out.
 * Reads histories and keeps nothing of them; a history that is gone already is said to be.
 */
import { hash } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { sql } from 'kysely';
import { canonicalText } from '../../activities/audit/leaf.js';
import type { Db } from '../../activities/store/db.js';

interface ClosedRun {
  readonly run: string;
  readonly runbook: string;
  readonly service: string;
  readonly environment: string;
}

/** In one go; what is left comes the next time. */
const runsAtOnce = 50;
/** Temporal keeps histories for as long as its namespace says, and a run that is this old was given up on. */
const lookedBackDays = 14;

const idOf = sql<string>`'history ' || runs.run`;

/** Answers how many it wrote. Throws when the database or Temporal does not answer. */
export async function digestHistories(db: Db, client: Client): Promise<number> {
  const { rows } = await sql<ClosedRun>`
    SELECT run, runbook, service, environment FROM runs
    WHERE state = 'closed' AND closed_at > now() - make_interval(days => ${lookedBackDays}::int)
      AND NOT EXISTS (SELECT FROM ledger_ids WHERE id = ${idOf})
    ORDER BY closed_at LIMIT ${runsAtOnce}`.execute(db);
  let written = 0;
  for (const run of rows) if (await digestOne(db, client, run)) written += 1;
  return written;
}

async function digestOne(db: Db, client: Client, closed: ClosedRun): Promise<boolean> {
  const read = await historyOf(client, closed.run);
  if (read === undefined) return false;
  const { says, detail } = read;
  await sql`
    INSERT INTO ledger (id, run, runbook, service, environment, kind, actor, says, at, detail)
    VALUES (${`history ${closed.run}`}, ${closed.run}, ${closed.runbook}, ${closed.service}, ${closed.environment},
      'audit', 'belay', ${says}, clock_timestamp(), ${JSON.stringify(detail)}::jsonb)`.execute(db);
  return true;
}

/** Undefined while the run is not over for Temporal. */
async function historyOf(
  client: Client,
  run: string,
): Promise<{ says: string; detail: object } | undefined> {
  const handle = client.workflow.getHandle(run);
  try {
    const { status } = await handle.describe();
    if (status.name === 'RUNNING') return undefined;
    const { digest, events } = digestOf(await handle.fetchHistory());
    const detail = { history: { sha256: digest, events, status: status.name } };
    return {
      says: `the history of this run has ${events} events and the digest ${digest}`,
      detail,
    };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'WorkflowNotFoundError') throw error;
    return { says: 'the history of this run is gone already', detail: { history: null } };
  }
}

/** SHA-256 over the RFC 8785 form of what `temporal workflow show --output json` prints. */
export function digestOf(history: Parameters<typeof historyToJSON>[0]): {
  digest: string;
  events: number;
} {
  const json: unknown = JSON.parse(historyToJSON(history));
  const events = (json as { events?: readonly unknown[] }).events ?? [];
  return { digest: hash('sha256', canonicalText(json), 'hex'), events: events.length };
}
