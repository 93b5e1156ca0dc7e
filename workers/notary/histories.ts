/**
 * Puts the digest of each closed run's Temporal history into the ledger, so that a history that is changed afterwards is found out.
 * Reads histories and keeps nothing of them; a history that is gone already is said to be.
 */
import type { Client } from '@temporalio/client';
import { sql } from 'kysely';
import {
  historyLineId,
  readHistory,
  type HistoryDigest,
} from '../../activities/audit/history-digest.js';
import type { Db } from '../../activities/store/db.js';
import { minutes } from '../../workflows/domain/time.js';

export interface Digester {
  /** Answers how many it wrote; what is left comes the next time. Throws when the database or Temporal does not answer. */
  digest(): Promise<number>;
}

/** In one go. */
const runsAtOnce = 50;
/** Temporal keeps histories for as long as its namespace says, and a run that closed so long ago was given up on. */
const lookedBackDays = 14;
/** Closed in the ledger and not yet over for Temporal: so many are asked for again each time; those beyond, at the next start. */
const lateMax = 200;
/** How often Temporal is asked for those that it ended by itself, which no ledger line tells of. */
const endedEveryMs = minutes(10);
const endedMax = 1_000;

/** One for each process. `now` is Unix milliseconds. */
export function createDigester(db: Db, client: Client, now: () => number = Date.now): Digester {
  /** Closed lines up to this number are done with; undefined at first. */
  let after: number | undefined;
  let endedAtMs = -Infinity;
  const late = new Set<string>();

  const digestRun = async (run: string): Promise<number> => {
    const did = await digestOne(db, client, run);
    if (did !== 'running') late.delete(run);
    else if (late.size < lateMax) late.add(run);
    return did === 'running' ? 0 : did;
  };
  const digestClosed = async (): Promise<number> => {
    let written = 0;
    for (const run of [...late]) written += await digestRun(run);
    after ??= await firstOf(db);
    for (const { run, seq } of await closedAfter(db, after)) {
      written += await digestRun(run);
      after = seq;
    }
    return written;
  };

  return {
    async digest() {
      const closed = await digestClosed();
      if (now() - endedAtMs < endedEveryMs) return closed;
      const ended = await digestEnded(db, client);
      endedAtMs = now();
      return closed + ended;
    },
  };
}

/** Before the first closed line that is young enough. */
async function firstOf(db: Db): Promise<number> {
  const { rows } = await sql<{ seq: number }>`
    SELECT coalesce(min(seq) - 1, 0)::bigint AS seq FROM ledger
    WHERE kind = 'closed' AND recorded_at > now() - make_interval(days => ${lookedBackDays}::int)`.execute(
    db,
  );
  return rows[0]?.seq ?? 0;
}

/** Only up to where no line can come later any more. */
async function closedAfter(db: Db, after: number): Promise<{ run: string; seq: number }[]> {
  const { rows } = await sql<{ run: string; seq: number }>`
    SELECT run, seq FROM ledger
    WHERE kind = 'closed' AND run IS NOT NULL AND seq > ${after} AND seq <= (SELECT settled_seq FROM ledger_notary)
    ORDER BY seq LIMIT ${runsAtOnce}`.execute(db);
  return rows;
}

/** Terminated, timed out or failed: whatever ended without a last line of its own. */
async function digestEnded(db: Db, client: Client): Promise<number> {
  const query = `ExecutionStatus IN ('Terminated', 'TimedOut', 'Failed', 'Canceled')`;
  let [written, seen] = [0, 0];
  for await (const { workflowId } of client.workflow.list({ query })) {
    seen += 1;
    if (seen > endedMax) break;
    const did = await digestOne(db, client, workflowId);
    if (did !== 'running') written += did;
  }
  return written;
}

async function digestOne(db: Db, client: Client, run: string): Promise<0 | 1 | 'running'> {
  const { rows } = await sql<{ isDue: boolean }>`
    SELECT EXISTS (SELECT FROM runs WHERE run = ${run})
      AND NOT EXISTS (SELECT FROM ledger_ids WHERE id = ${historyLineId + run}) AS "isDue"`.execute(
    db,
  );
  if (rows[0]?.isDue !== true) return 0;
  const read = await readHistory(client, run);
  if (read === 'running') return read;
  await writeLine(db, run, read);
  return 1;
}

async function writeLine(db: Db, run: string, read: HistoryDigest | 'gone'): Promise<void> {
  const says =
    read === 'gone'
      ? 'the history of this run is gone already'
      : `the history of this run has ${read.events} events and the digest ${read.sha256}`;
  const detail = { history: read === 'gone' ? null : read };
  await sql`
    INSERT INTO ledger (id, run, runbook, service, environment, kind, actor, says, at, detail)
    SELECT ${historyLineId + run}, run, runbook, service, environment, 'audit', 'belay', ${says}, clock_timestamp(),
      ${JSON.stringify(detail)}::jsonb
    FROM runs WHERE run = ${run}`.execute(db);
}
