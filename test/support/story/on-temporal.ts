/** Plays stories on Temporal's time-skipping server: real workers with real bundles, the same fakes for the world. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type Connection, type WorkflowHandle } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { StepGuard } from '../../../activities/temporal.js';
import { startTestServer } from '../../../scripts/servers/test-server.js';
import { runIdOf } from '../../../workflows/domain/alert.js';
import { instantText } from '../../../workflows/domain/time.js';
import type { Report } from '../../../workflows/progress.js';
import { workflowTypeOf } from '../../../workflows/runbook.js';
import { searchAttributes } from '../../../workflows/search-attributes.js';
import { alertOf } from '../simulator/simulator.js';
import { Backdrop } from './backdrop.js';
import {
  bundleOf,
  catalogueEntry,
  entryOf,
  payloadConverterPath,
  queueOf,
  storyEntry,
} from './bundles.js';
import { connectToTestServer, ServerClock } from './server-clock.js';
import type { Firing, Stage, Story } from './story.js';
import { watchIntents, type Told } from './told.js';

/** IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD of Temporal's API. */
const keywordType = 2;

export interface Theatre {
  readonly client: Client;
  readonly backdrop: Backdrop;
  play(story: Story): Promise<Told>;
  stop(): Promise<void>;
}

/** One server and one worker per bundle; stories are played one after the other. Throws when there is no test server. */
export async function openTheatre(
  entries: readonly string[] = [catalogueEntry, storyEntry],
): Promise<Theatre> {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const dataFolder = await mkdtemp(join(tmpdir(), 'belay-stories-'));
  const server = await startTestServer({ dataFolder });
  const connection = await connectToTestServer({ address: server.address });
  const native = await NativeConnection.connect({ address: server.address });
  const client = new Client({
    connection,
    identity: 'story',
    dataConverter: { payloadConverterPath },
  });
  await registerSearchAttributes(connection);
  const clock = new ServerClock(connection);
  await clock.hold();
  const backdrop = new Backdrop(clock);
  const workers: Worker[] = [];
  for (const entry of entries) workers.push(await workerOf(native, entry, backdrop));
  const running = workers.map((worker) => worker.run());
  return {
    client,
    backdrop,
    play: (story) => play(story, { client, clock, backdrop }),
    async stop() {
      for (const worker of workers) worker.shutdown();
      await Promise.all(running);
      await native.close();
      await connection.close();
      await server.stop();
      await rm(dataFolder, { recursive: true, force: true });
    },
  };
}

/** The server refuses a run that pins an attribute it does not know. */
async function registerSearchAttributes(connection: Connection): Promise<void> {
  const attributes = Object.values(searchAttributes).map(({ name }) => [name, keywordType]);
  await connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(attributes) as Record<string, number>,
  });
}

/** Each bundle has a queue of its own, so that a run reaches the one that has its workflow. */
async function workerOf(
  connection: NativeConnection,
  entry: string,
  backdrop: Backdrop,
): Promise<Worker> {
  return Worker.create({
    connection,
    taskQueue: queueOf(entry),
    identity: 'belay',
    workflowBundle: await bundleOf(entry),
    activities: backdrop.activities(),
    interceptors: { activity: [() => ({ inbound: new StepGuard() })] },
    dataConverter: { payloadConverterPath },
    shutdownGraceTime: '1s',
    shutdownForceTime: '5s',
  });
}

interface House {
  readonly client: Client;
  readonly clock: ServerClock;
  readonly backdrop: Backdrop;
}

async function play(story: Story, house: House): Promise<Told> {
  const { clock, backdrop } = house;
  const startMs = await clock.look();
  const { world, store } = backdrop.change(story);
  const unannounced = watchIntents(world, store);
  story.given(world);
  const before = world.snapshot();
  const runs: WorkflowHandle[] = [];
  const stage = stageOf(story, house, runs);
  for (const { atMs, act } of story.moments) {
    await clock.advanceTo(startMs + atMs);
    await act(stage);
  }
  const results = runs.map((run) => run.result() as Promise<Report>);
  const reports = await clock.until(Promise.all(results));
  const after = world.snapshot();
  const { effects } = world;
  return { startMs, lines: store.lines, reports, before, after, effects, unannounced };
}

function stageOf(story: Story, { client, clock, backdrop }: House, runs: WorkflowHandle[]): Stage {
  const handleOf = (run: number): WorkflowHandle => {
    const found = runs[run - 1];
    if (found === undefined) throw new RangeError(`no run ${run} has begun`);
    return found;
  };
  return {
    world: backdrop.world,
    store: backdrop.store,
    async fires({ alertname, over, forMs, trigger, runbook = story.runbook }: Firing) {
      const startsAt = instantText((await clock.look()) - forMs);
      const alert = alertOf(alertname, { startsAt, ...over });
      const { name } = runbook.meta;
      const workflowId = runIdOf(name, alert);
      const options = { workflowId, taskQueue: queueOf(entryOf(name)), args: [{ alert, trigger }] };
      runs.push(await client.workflow.start(workflowTypeOf(name), options));
    },
    async send(run, signal, payload) {
      await handleOf(run).signal(signal, ...(payload === undefined ? [] : [payload]));
    },
    async cancel(run) {
      await handleOf(run).cancel();
    },
    runId: (run) => handleOf(run).workflowId,
  };
}
