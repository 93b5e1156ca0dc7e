/** After the storm: waits until everything that was begun has ended, within a bound. Puts nothing right itself. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Db } from '../../../activities/store/db.js';
import type { Ground } from '../rig/ground.js';
import type { Evidence } from '../oracle/evidence.js';

const lookEveryMs = 1_000;
const listedMax = 50;
const readyWithinMs = 90_000;

/** Resolves when intakes and workers all say that they are ready. Throws when one does not get there. */
export async function allReady({ intakes, workers }: Ground): Promise<void> {
  const untilMs = Date.now() + readyWithinMs;
  for (const { part, url } of [...workers, ...intakes]) {
    while (!(await answersReady(url))) {
      if (Date.now() > untilMs) throw new Error(`${part.name} is not ready; see its log`);
      await sleep(200);
    }
  }
}

async function answersReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** What is still under way, in words; undefined when nothing is. */
async function underWay(db: Db, client: Client): Promise<string | undefined> {
  const { count: waiting } = await db
    .selectFrom('inbox')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .where('state', '=', 'pending')
    .executeTakeFirstOrThrow();
  if (waiting > 0) return `${waiting} alerts wait in the inbox`;
  const { count: open } = await client.workflow.count('ExecutionStatus = "Running"');
  return open > 0 ? `${open} runs are open` : undefined;
}

/** Answers what was left when the time was up; undefined when all had ended. Never throws for a server that is away. */
export async function settled(
  { db }: Ground,
  client: Client,
  options: { readonly withinMs: number; readonly log: (line: string) => void },
): Promise<string | undefined> {
  const untilMs = Date.now() + options.withinMs;
  let left = await underWay(db, client).catch(String);
  for (let looks = 1; left !== undefined && Date.now() < untilMs; looks += 1) {
    if (looks % 15 === 0) options.log(left);
    await sleep(lookEveryMs);
    left = await underWay(db, client).catch(String);
  }
  return left;
}

/** Workflows that run still, or did not complete. */
export async function unfinished(client: Client): Promise<Evidence['workflows']> {
  const found: { run: string; status: string }[] = [];
  const query = 'ExecutionStatus != "Completed"';
  for await (const { workflowId, status } of client.workflow.list({ query })) {
    found.push({ run: workflowId, status: status.name });
    if (found.length === listedMax) break;
  }
  return found;
}
