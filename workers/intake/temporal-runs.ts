/** Runs as Temporal workflows: starts and signals them, and tells an absent server from a bad request. */
import { fileURLToPath } from 'node:url';
import {
  Client,
  Connection,
  isGrpcServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { messageOf } from '../../workflows/domain/failure.js';
import { limits } from '../../workflows/domain/limits.js';
import { seconds } from '../../workflows/domain/time.js';
import { workflowTypeOf } from '../../workflows/runbook.js';
import type { RunInput } from '../../workflows/runbook.js';
import { RunsAway } from './runs.js';
import type { IntakeSignal, NewRun, Runs } from './runs.js';

export interface TemporalRunsOptions {
  readonly client: Client;
  readonly taskQueue?: string;
  /** Asks the server to hand the first workflow task to a worker in this process: only where one shares the client. */
  readonly requestEagerStart?: boolean;
}

export interface TemporalPlace {
  readonly address: string;
  readonly namespace: string;
}

/** Where remediation workers listen. */
export const runsTaskQueue = 'belay';

/** A call that takes longer counts as unanswered; the row is tried again, which starts nothing twice. */
const callTimeoutMs = seconds(10);
/** Temporal's limit for a keyword. */
const keywordMax = 255;

const keys = {
  state: defineSearchAttributeKey('BelayState', 'KEYWORD'),
  runbook: defineSearchAttributeKey('BelayRunbook', 'KEYWORD'),
  service: defineSearchAttributeKey('BelayService', 'KEYWORD'),
};

/** A client that need not find its server at once, and finds it again within seconds after hours. */
export function openTemporal({ address, namespace }: TemporalPlace): Client {
  const connection = Connection.lazy({
    address,
    /** No retries of the SDK's own: the inbox is our retry, and its timers outlive a closed connection and throw. */
    interceptors: [],
    channelArgs: {
      'grpc.initial_reconnect_backoff_ms': seconds(0.5),
      'grpc.max_reconnect_backoff_ms': seconds(5),
    },
  });
  const converter = new URL('../../workflows/converter.cjs', import.meta.url);
  const dataConverter = { payloadConverterPath: fileURLToPath(converter) };
  return new Client({ connection, namespace, dataConverter });
}

export function createTemporalRuns(options: TemporalRunsOptions): Runs {
  return {
    start: (run) => orAway(options.client, () => start(options, run)),
    signal: (signal) => orAway(options.client, () => send(options.client, signal)),
  };
}

async function start(
  { client, taskQueue = runsTaskQueue, requestEagerStart = false }: TemporalRunsOptions,
  { run, runbook, alert }: NewRun,
): Promise<'started' | 'already-started'> {
  const input: RunInput = { alert, trigger: 'alert' };
  try {
    await client.workflow.start(workflowTypeOf(runbook), {
      workflowId: run,
      taskQueue,
      args: [input],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
      requestEagerStart,
      staticSummary: summaryOf(`${alert.name} on ${alert.service}`),
      typedSearchAttributes: [
        { key: keys.state, value: 'proposing' },
        { key: keys.runbook, value: runbook },
        { key: keys.service, value: alert.service.slice(0, keywordMax) },
      ],
    });
    return 'started';
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return 'already-started';
    throw error;
  }
}

async function send(client: Client, signal: IntakeSignal): Promise<'sent' | 'no-open-run'> {
  try {
    const handle = client.workflow.getHandle(signal.run);
    await handle.signal(signal.message, { by: 'intake', note: signal.note });
    return 'sent';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'no-open-run';
    throw error;
  }
}

async function orAway<Answer>(client: Client, call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await client.withDeadline(Date.now() + callTimeoutMs, call);
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined || !awayCodes.has(code)) throw error;
    const cause = error instanceof Error ? error.cause : undefined;
    throw new RunsAway(`Temporal is away: ${messageOf(cause ?? error)}`, { cause: error });
  }
}

/**
 * gRPC codes that say nothing about the run that was asked for: CANCELLED, DEADLINE_EXCEEDED, PERMISSION_DENIED,
 * RESOURCE_EXHAUSTED, ABORTED, UNAVAILABLE, UNAUTHENTICATED.
 */
const awayCodes: ReadonlySet<number> = new Set([1, 4, 7, 8, 10, 14, 16]);

function codeOf(error: unknown): number | undefined {
  if (isGrpcServiceError(error)) return error.code;
  const cause = error instanceof Error ? error.cause : undefined;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}

/** Cut by bytes, between characters: the server counts bytes. */
function summaryOf(text: string): string {
  const bytes = Buffer.from(text, 'utf8').subarray(0, limits.summaryBytesMax - 2);
  return bytes.toString('utf8').replace(/\ufffd+$/, '');
}
