/** What the killed workers stand on: a real Temporal, a real PostgreSQL, the sink, and workers in queues of their own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { build } from 'esbuild';
import { sql } from 'kysely';
import { openDb, type Db } from '../../activities/store/db.js';
import { migrate } from '../../activities/store/migrate.js';
import { holdTrust } from '../../scripts/bench/rig/held-trust.js';
import { nodeFlags } from '../../scripts/engine/belay-process.js';
import { startChild, type Child } from '../../scripts/servers/child.js';
import { freePort } from '../../scripts/servers/port.js';
import { startPostgres } from '../../scripts/servers/postgres.js';
import { startTemporal } from '../../scripts/servers/temporal.js';
import { openTemporal } from '../../workers/intake/temporal-runs.js';
import { bundleOf, pathOf } from '../support/story/bundles.js';
import { momentMark, type Doom } from './moments.js';
import { openSink, type Sink } from './sink.js';

export interface Ground {
  readonly client: Client;
  readonly db: Db;
  readonly sink: Sink;
  readonly services: readonly string[];
  startWorker(plan: WorkerPlan): Promise<DoomedWorker>;
  stop(): Promise<void>;
}

export interface WorkerPlan {
  readonly queue: string;
  readonly doom: Doom;
  /** Its adapter forgets to look for an earlier attempt's effect. */
  readonly careless?: true;
}

export interface DoomedWorker extends Child {
  /** The moments it came to, in order. */
  moments(): string[];
}

/** Runs are given services in turn; none has two runs, so none waits for another's lease. */
const servicesMax = 400;
const program = pathOf('dist/test/doomed-worker.js');

/** Throws with a server's log when it does not start; nothing is left running then. */
export async function openGround(): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), 'belay-kill-'));
  const stops: (() => unknown)[] = [
    () => {
      rmSync(folder, { recursive: true, force: true });
    },
  ];
  const stop = async (): Promise<void> => {
    for (const stopOne of stops.splice(0).reverse()) await stopOne();
  };
  try {
    return { ...(await fill(folder, stops)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function fill(folder: string, stops: (() => unknown)[]): Promise<Omit<Ground, 'stop'>> {
  await buildParts(folder);
  const postgres = await startPostgres({ dataFolder: join(folder, 'postgres') });
  stops.push(() => postgres.stop());
  const temporal = await startTemporal({ dataFolder: join(folder, 'temporal'), headless: true });
  stops.push(() => temporal.stop());
  const db = openDb({ url: postgres.url, poolMax: 4 });
  stops.push(() => db.destroy());
  await migrate(db);
  await holdTrust(db, { classes: ['configure'], tiers: ['warning'], environment: 'demo' });
  const sink = await openSink((operationId) => isIntended(db, operationId));
  stops.push(() => sink.stop());
  const client = openTemporal(temporal);
  stops.push(() => client.connection.close());
  const services = Array.from({ length: servicesMax }, (_, index) => `service-${index}`);
  writeFileSync(join(folder, 'services.yaml'), policyOf(services));
  writeFileSync(join(folder, 'guards.yaml'), 'version: 1\nrecurring: off\nbreaker: off\n');
  const env = {
    DATABASE_URL: postgres.url,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    BELAY_POLICY_FILE: join(folder, 'services.yaml'),
    BELAY_STATE_FOLDER: folder,
    BELAY_BUNDLE: join(folder, 'bundle.js'),
    BELAY_KILL_SINK: sink.url,
  };
  return {
    client,
    db,
    sink,
    services,
    async startWorker(plan) {
      const worker = await startWorker(folder, { ...plan, env });
      stops.push(() => worker.stop());
      return worker;
    },
  };
}

async function buildParts(folder: string): Promise<void> {
  const { code } = await bundleOf(pathOf('test/kill/workflows.ts'));
  writeFileSync(join(folder, 'bundle.js'), code);
  await build({
    entryPoints: [pathOf('test/kill/doomed-worker.ts')],
    outfile: program,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    sourcemap: true,
  });
}

/** Every change may be made without asking; JSON is YAML. */
function policyOf(services: readonly string[]): string {
  return JSON.stringify({
    version: 1,
    self: ['belay*'],
    levels: { configure: { warning: 4 } },
    vetoWindow: '0s',
    overseers: ['console'],
    chains: { default: [{ notify: 'on-call', wait: '5m' }] },
    services: Object.fromEntries(
      services.map((name) => [name, { tier: 'warning', environment: 'demo' }]),
    ),
  });
}

async function isIntended(db: Db, operationId: string): Promise<boolean> {
  const found = await db
    .selectFrom('ledger')
    .select('id')
    .where('kind', '=', 'intent')
    .where(sql<string>`detail->>'operation'`, '=', operationId)
    .execute();
  return found.length > 0;
}

let started = 0;

async function startWorker(
  folder: string,
  { queue, doom, careless, env }: WorkerPlan & { readonly env: Readonly<Record<string, string>> },
): Promise<DoomedWorker> {
  started += 1;
  const port = await freePort();
  const logFile = join(folder, `${queue}-${started}.log`);
  const child = await startChild({
    name: `worker of ${queue}`,
    program: process.execPath,
    args: [...nodeFlags(), program],
    env: {
      ...env,
      BELAY_WORKER_METRICS_PORT: String(port),
      BELAY_KILL_QUEUE: queue,
      BELAY_KILL_RUN: doom.run,
      BELAY_KILL_MOMENT: doom.moment,
      BELAY_KILL_CARELESS: careless ? '1' : '',
    },
    logFile,
    ready: async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok,
    readyWithinMs: 120_000,
  });
  return { ...child, moments: () => momentsIn(readFileSync(logFile, 'utf8')) };
}

function momentsIn(output: string): string[] {
  const lines = output.split('\n').filter((line) => line.startsWith(momentMark));
  return lines.map((line) => line.slice(momentMark.length));
}
