/** Who sent a signal, as the Temporal server recorded it. The identity is the client's own text: shown, never evidence. */
import { Context } from '@temporalio/activity';
import { Failure } from '../workflows/domain/failure.js';
import { limits } from '../workflows/domain/limits.js';
import type { Attribution } from '../workflows/store.js';

const pageSize = 1_000;

/**
 * The identity on the `ordinal`-th signal of that name (from 0) in the history of the run that asks.
 * Throws Failure `transient` while the server does not show the signal yet.
 */
export async function attributeSignal(asked: {
  readonly signal: string;
  readonly ordinal: number;
}): Promise<Attribution> {
  const { client, info } = Context.current();
  const { namespace, workflowExecution: execution } = info;
  let nextPageToken: Uint8Array | undefined;
  let found = 0;
  do {
    const page = await client.workflowService.getWorkflowExecutionHistory({
      namespace,
      execution: execution ?? null,
      maximumPageSize: pageSize,
      ...(nextPageToken === undefined ? {} : { nextPageToken }),
    });
    for (const event of page.history?.events ?? []) {
      const signal = event.workflowExecutionSignaledEventAttributes;
      if (signal?.signalName !== asked.signal) continue;
      if (found === asked.ordinal)
        return { identity: (signal.identity ?? '').slice(0, limits.textMax) };
      found += 1;
    }
    nextPageToken = page.nextPageToken?.length ? page.nextPageToken : undefined;
  } while (nextPageToken !== undefined);
  throw new Failure('transient', `signal ${asked.signal} is not in the history yet`);
}
