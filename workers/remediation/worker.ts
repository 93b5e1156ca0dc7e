/** The Temporal worker: the bundle on one side, the calls as activities on the other. Starts no server and reads no setting. */
import { NativeConnection, Worker } from '@temporalio/worker';
import type { CallFunction } from '../../activities/effects.js';
import { activitiesOf, StepGuard } from '../../activities/temporal.js';
import { payloadConverterPath, type Bundle } from './bundle.js';

/** The one queue there is: every adapter of this worker shares its credentials. */
export const taskQueue = 'belay';

/** Waiting runs are kept warm up to this many, at about 60 KB each; more are replayed from history when they wake. */
const cachedRunsMax = 2_000;
/** Beyond this the systems repaired become the bottleneck, not the worker. */
const activitiesAtOnceMax = 100;

/** How long a run's next turn waits for the worker that has it in memory before any other may take it: a dead one costs this. */
const stickyTimeout = '3s';

export interface RunsWorker {
  readonly connection: NativeConnection;
  readonly worker: Worker;
  /** Resolves when the worker has stopped; rejects when it broke. */
  readonly ended: Promise<void>;
}

export async function startWorker(options: {
  readonly address: string;
  readonly namespace: string;
  readonly bundle: Bundle;
  readonly calls: ReadonlyMap<string, CallFunction>;
}): Promise<RunsWorker> {
  const connection = await NativeConnection.connect({ address: options.address });
  const worker = await Worker.create({
    connection,
    namespace: options.namespace,
    taskQueue,
    workflowBundle: { codePath: options.bundle.codePath },
    activities: activitiesOf(options.calls),
    interceptors: { activity: [() => ({ inbound: new StepGuard() })] },
    dataConverter: { payloadConverterPath },
    maxCachedWorkflows: cachedRunsMax,
    maxConcurrentActivityTaskExecutions: activitiesAtOnceMax,
    stickyQueueScheduleToStartTimeout: stickyTimeout,
    shutdownGraceTime: '10s',
    enableNonLocalActivities: true,
  });
  return { connection, worker, ended: worker.run() };
}
