/**
 * What a bench stands on: its own servers and processes in a folder of its own, each started when it is first asked for.
 * It refuses to run on servers that it did not start: thousands of made-up alerts have no business there.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { openDb, type Db } from '../../../activities/store/db.js';
import { migrate } from '../../../activities/store/migrate.js';
import { openTemporal } from '../../../workers/intake/temporal-runs.js';
import { projectFolder } from '../../engine/project-folder.js';
import { startPostgres } from '../../servers/postgres.js';
import { startTemporal, type TemporalServer } from '../../servers/temporal.js';
import { AlertSource, policyText } from './alerts.js';
import { bundleBenchWorkflows } from './bundle.js';
import { startIntakePart } from './intake-part.js';
import { once } from './once.js';
import { startWorkerPart, type Part } from './part.js';
import type { Door } from './post.js';

/** A worker that runs the bench's own workflows, and a client for the same place. */
export interface Bare {
  readonly worker: Part;
  readonly client: Client;
}

/** The engine as in production: intake and worker in processes of their own, and a client as an operator has. */
export interface Engine extends Bare {
  readonly intake: Door;
}

export interface Ground {
  readonly folder: string;
  readonly alerts: AlertSource;
  readonly log: (line: string) => void;
  readonly db: () => Promise<Db>;
  readonly engine: () => Promise<Engine>;
  /** On the same server as the engine, in a namespace of its own. */
  readonly bare: () => Promise<Bare>;
  /** On a Temporal server as it comes. */
  readonly untuned: () => Promise<Bare>;
  readonly stop: () => Promise<void>;
}

/** Which namespace the bench's own workflows run in. */
const benchNamespace = 'bench';

/** Starts nothing yet. Throws when this machine's settings point to servers of somebody else. */
export function openGround(log: (line: string) => void): Ground {
  refuseForeignServers();
  const folder = mkdtempSync(join(tmpdir(), 'belay-bench-'));
  writeFileSync(policyFileIn(folder), policyText());
  const stops: (() => Promise<unknown>)[] = [() => removeFolder(folder)];
  const started = <Thing extends { stop(): Promise<void> }>(thing: Thing): Thing => {
    stops.push(() => thing.stop());
    return thing;
  };
  const temporal = once(async () => {
    log('starting Temporal, tuned, on a file');
    const dataFolder = join(folder, 'temporal');
    return started(await startTemporal({ dataFolder, headless: true, namespace: benchNamespace }));
  });
  const store = once(async () => {
    log('starting PostgreSQL');
    const server = started(await startPostgres({ dataFolder: join(folder, 'postgres') }));
    const db = openDb({ url: server.url, poolMax: 2, name: 'belay-bench' });
    stops.push(() => db.destroy());
    await migrate(db);
    return { db, url: server.url };
  });
  const bundleFile = once(() => bundleBenchWorkflows(folder));
  const place = { folder, stops, started, store };
  return {
    folder,
    alerts: new AlertSource(),
    log,
    db: async () => (await store()).db,
    engine: once(async () => startEngine(place, await temporal())),
    bare: once(async () => {
      const server = { ...(await temporal()), namespace: benchNamespace };
      return startBare(place, { name: 'bench-worker', server, bundleFile: await bundleFile() });
    }),
    untuned: once(async () => {
      log('starting Temporal as it comes');
      const dataFolder = join(folder, 'untuned');
      const server = started(await startTemporal({ dataFolder, headless: true, tuned: false }));
      return startBare(place, { name: 'untuned-worker', server, bundleFile: await bundleFile() });
    }),
    async stop() {
      for (const stopOne of stops.splice(0).reverse()) await stopOne();
    },
  };
}

function policyFileIn(folder: string): string {
  return join(folder, 'services.yaml');
}

function refuseForeignServers(): void {
  for (const name of ['TEMPORAL_ADDRESS', 'DATABASE_URL']) {
    if (!process.env[name]) continue;
    throw new Error(`${name} is set, but the bench measures servers of its own: unset it`);
  }
}

interface Place {
  readonly folder: string;
  readonly stops: (() => Promise<unknown>)[];
  readonly started: <Thing extends { stop(): Promise<void> }>(thing: Thing) => Thing;
  readonly store: () => Promise<{ readonly db: Db; readonly url: string }>;
}

async function startEngine(place: Place, server: TemporalServer): Promise<Engine> {
  const bundleFile = join(projectFolder(), 'dist/workflow-bundle.js');
  const bare = await startBare(place, {
    name: 'remediation',
    server: { ...server, namespace: 'default' },
    bundleFile,
  });
  const env = await environmentOf(place, { ...server, namespace: 'default' });
  const intake = place.started(await startIntakePart(place.folder, env));
  return { ...bare, intake };
}

async function startBare(
  place: Place,
  options: {
    readonly name: string;
    readonly server: Pick<TemporalServer, 'address' | 'namespace'>;
    readonly bundleFile: string;
  },
): Promise<Bare> {
  const { name, server, bundleFile } = options;
  const env = { ...(await environmentOf(place, server)), BELAY_BUNDLE: bundleFile };
  const worker = place.started(await startWorkerPart({ name, folder: place.folder, env }));
  const client = openTemporal({ address: server.address, namespace: server.namespace });
  place.stops.push(() => client.connection.close());
  return { worker, client };
}

async function environmentOf(
  { folder, store }: Place,
  { address, namespace }: Pick<TemporalServer, 'address' | 'namespace'>,
): Promise<Record<string, string>> {
  return {
    DATABASE_URL: (await store()).url,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    BELAY_POLICY_FILE: policyFileIn(folder),
    BELAY_STATE_FOLDER: folder,
  };
}

function removeFolder(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  return Promise.resolve();
}
