/** The digest of a closed Temporal history, as the ledger keeps it. Reads one history; writes nothing. */
import { hash } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { canonicalText } from './leaf.js';

export interface HistoryDigest {
  /** SHA-256 over the RFC 8785 form of the history's JSON, hex. */
  readonly sha256: string;
  readonly events: number;
  /** How the workflow ended for Temporal, such as `COMPLETED` or `TERMINATED`. */
  readonly status: string;
}

/** Before the run's name: the id of its ledger line. */
export const historyLineId = 'history ';

/** `running` while it is not over, `gone` when Temporal does not have it (any more). Throws when Temporal does not answer. */
export async function readHistory(
  client: Client,
  run: string,
): Promise<HistoryDigest | 'running' | 'gone'> {
  const handle = client.workflow.getHandle(run);
  try {
    const { status } = await handle.describe();
    if (status.name === 'RUNNING') return 'running';
    return { ...digestOf(await handle.fetchHistory()), status: status.name };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'WorkflowNotFoundError') throw error;
    return 'gone';
  }
}

/** Of the JSON that `temporal workflow show --output json` prints. */
export function digestOf(
  history: Parameters<typeof historyToJSON>[0],
): Omit<HistoryDigest, 'status'> {
  return digestOfJson(historyToJSON(history));
}

/** The same of that text. Throws when it is no JSON. */
export function digestOfJson(text: string): Omit<HistoryDigest, 'status'> {
  const json: unknown = JSON.parse(text);
  const events = (json as { events?: readonly unknown[] }).events ?? [];
  return { sha256: hash('sha256', canonicalText(json), 'hex'), events: events.length };
}
