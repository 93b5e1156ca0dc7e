/**
 * A workflow task that slow calls keep alive is one task to a replay, begun when its last part was: a run that decided by the hour
 * would go another way and never end. On Temporal's own server, since that is where tasks are kept alive.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ActivityFunction } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { StepGuard } from '../../activities/temporal.js';
import { startTemporal, type TemporalServer } from '../../scripts/servers/temporal.js';
import { runIdOf } from '../../workflows/domain/alert.js';
import { statusQuery } from '../../workflows/messages.js';
import { workflowTypeOf } from '../../workflows/runbook.js';
import type { RunStatus } from '../../workflows/runtime.js';
import { alertOf } from '../support/simulator/simulator.js';
import { Backdrop } from '../support/story/backdrop.js';
import {
  bundleOf,
  catalogueEntry,
  payloadConverterPath,
  pathOf,
} from '../support/story/bundles.js';
import { allStories } from '../support/story/shelf.js';

/** The server keeps a task for so long, and a worker asks for more when four fifths of it are over. */
const workflowTaskTimeout = '1s';
/** Longer than a task is kept, and than what was observed is fresh. */
const slowMs = 3_000;
const taskQueue = 'kept-alive';
const dataConverter = { payloadConverterPath };

let folder = '';
let server: TemporalServer;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  folder = await mkdtemp(join(tmpdir(), 'belay-kept-alive-'));
  server = await startTemporal({ dataFolder: folder, headless: true });
}, 60_000);

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

/** The world of a story, in which the first call of this name takes its time. */
async function worldOf(name: string, slow: string): Promise<Record<string, ActivityFunction>> {
  const story = (await allStories()).find((found) => found.name === name);
  if (story === undefined) throw new RangeError(`there is no story ${name}`);
  const backdrop = new Backdrop({ now: () => Date.now(), look: () => Promise.resolve(Date.now()) });
  story.given(backdrop.change(story).world);
  const activities = backdrop.activities();
  let isFirst = true;
  const slowly: ActivityFunction = async (...given: unknown[]) => {
    const answer: unknown = await activities[slow]?.(...given);
    if (isFirst) await sleep(slowMs);
    isFirst = false;
    return answer;
  };
  return { ...activities, [slow]: slowly };
}

/** The run's history up to where it watches what it did. */
async function historyOf(entry: string): Promise<unknown> {
  const connection = await NativeConnection.connect({ address: server.address });
  const client = new Client({
    connection: await Connection.connect({ address: server.address }),
    dataConverter,
  });
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: await bundleOf(entry),
    activities: await worldOf('answer-lost', 'setting.read'),
    interceptors: { activity: [() => ({ inbound: new StepGuard() })] },
    dataConverter,
  });
  try {
    return await worker.runUntil(() => watched(client));
  } finally {
    await client.connection.close();
    await connection.close();
  }
}

async function watched(client: Client): Promise<unknown> {
  const alert = alertOf('RetryStorm', { startsAt: new Date().toISOString() });
  const handle = await client.workflow.start(workflowTypeOf('tune-retries'), {
    workflowId: runIdOf('tune-retries', alert),
    taskQueue,
    workflowTaskTimeout,
    args: [{ alert, trigger: 'alert' }],
  });
  for (;;) {
    const status = await handle.query<RunStatus | null>(statusQuery);
    if (status?.state === 'watching') return handle.fetchHistory();
    await sleep(100);
  }
}

async function replayed(history: unknown, entry: string): Promise<unknown> {
  const options = { workflowBundle: await bundleOf(entry), dataConverter };
  const results = Worker.runReplayHistories(options, [{ workflowId: 'kept-alive', history }]);
  for await (const { error } of results) return error;
  throw new Error('nothing was replayed');
}

describe('a run whose first look took longer than a workflow task is kept', () => {
  test('is replayed', async () => {
    const history = await historyOf(catalogueEntry);
    expect(await replayed(history, catalogueEntry)).toBeUndefined();
  }, 60_000);

  test('is not, when it decides by the clock of Temporal', async () => {
    const entry = pathOf('test/replay/by-the-hour.ts');
    const error = await replayed(await historyOf(entry), entry);
    expect(error).toBeInstanceOf(DeterminismViolationError);
  }, 60_000);
});
