/**
 * What a bench stands on: its own servers and processes in a folder of its own, each started when it is first asked for.
 * It refuses to run on servers that it did not start: thousands of made-up alerts have no business there.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { sql } from 'kysely';
import { openDb, type Db } from '../../../activities/store/db.js';
import { migrate } from '../../../activities/store/migrate.js';
import { holdTrust } from './held-trust.js';
import { openTemporal } from '../../../workers/intake/temporal-runs.js';
import { projectFolder } from '../../engine/project-folder.js';
import { freePort } from '../../servers/port.js';
import { startPostgres } from '../../servers/postgres.js';
import { startTemporal, type TemporalServer } from '../../servers/temporal.js';
import { AlertSource, environment, guardsText, policyFileIn, policyText } from './alerts.js';
import { bundleBenchWorkflows, type BenchWorkflows } from './bundle.js';
import type { Kept } from './figure.js';
import { startIntakeAlone, type IntakeAlone } from './intake-alone.js';
import { once } from './once.js';
import { startSinkPart, startWorkerPart, type Part } from './part.js';
import type { Door } from './post.js';

/** A worker that runs the bench's own workflows, and a client for the same place. */
export interface Bare {
  readonly worker: Part;
  readonly client: Client;
}

/** The engine as under `belay up`: intake and worker in one process, and a client as an operator has. */
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
  /** On a server of its own, so that nothing but waiting runs is in the worker's memory. */
  readonly waiting: () => Promise<Bare>;
  /** A worker more, on a server that only such workers share; the caller stops it. */
  readonly worker: (plan: WorkerPlan) => Promise<Bare>;
  /** The shipped intake by itself, on a new database of this name; the caller stops it. */
  readonly intake: (name: string) => Promise<IntakeAlone>;
  /** Where the effects of Belay and its peers go over HTTP. */
  readonly sink: () => Promise<Part>;
  /** The address of Belay's own database; it carries the password. */
  readonly ownDatabase: () => Promise<URL>;
  /** A new, empty database beside Belay's own; the address carries the password. */
  readonly database: (name: string) => Promise<URL>;
  /** Something is not measured here, and why. */
  readonly skip: (name: string, why: string) => void;
  readonly skipped: readonly Skipped[];
  /** Takes samples for the file of raw numbers, when one is written. */
  readonly keep: (samples: Kept) => void;
  readonly kept: readonly Kept[];
  /** What is begun outside of here ends with the rest. */
  readonly stopLater: (stop: () => Promise<unknown>) => void;
  readonly stop: () => Promise<void>;
}

export interface WorkerPlan {
  readonly name: string;
  readonly bundleFile: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Skipped {
  readonly name: string;
  readonly why: string;
}

/** Which namespace the bench's own workflows run in. */
const benchNamespace = 'bench';

/** Starts nothing yet. Throws when this machine's settings point to servers of somebody else. */
export function openGround(log: (line: string) => void): Ground {
  refuseForeignServers();
  const folder = mkdtempSync(join(tmpdir(), 'belay-bench-'));
  writeFileSync(policyFileIn(folder), policyText());
  writeFileSync(join(folder, 'guards.yaml'), guardsText);
  const stops: (() => Promise<unknown>)[] = [() => removeFolder(folder)];
  const store = once(() => startStore({ folder, stops, log }));
  const place: Place = { folder, stops, log, store };
  const temporal = once(() => startServer(place, 'tuned'));
  const growing = once(() => startServer(place, 'growing'));
  const skipped: Skipped[] = [];
  const kept: Kept[] = [];
  return {
    folder,
    alerts: new AlertSource(),
    log,
    db: async () => (await store()).db,
    engine: once(async () => startEngine(place, await temporal())),
    bare: once(async () => startOwn(place, 'hand-written', await temporal())),
    untuned: once(async () => startOwn(place, 'hand-written', await startServer(place, 'untuned'))),
    waiting: once(async () => startOwn(place, 'waiting', await startServer(place, 'waiting'))),
    worker: async (plan) => startBare(place, { ...plan, site: ownSiteOf(await growing()) }),
    intake: async (name) => startIntakeIn(place, name, await temporal()),
    sink: once(() => startSink(place)),
    ownDatabase: async () => new URL((await store()).url),
    database: (name) => createDatabase(place, name),
    skip(name, why) {
      skipped.push({ name, why });
      log(`${name} is skipped: ${why}`);
    },
    skipped,
    keep: (samples) => void kept.push(samples),
    kept,
    stopLater: (stop) => void stops.push(stop),
    stop: () => stopAll(stops),
  };
}

/** The last started first. What cannot be stopped does not keep the rest running. */
async function stopAll(stops: (() => Promise<unknown>)[]): Promise<void> {
  for (const stopOne of stops.splice(0).reverse()) await stopOne().catch(() => undefined);
}

function refuseForeignServers(): void {
  for (const name of ['TEMPORAL_ADDRESS', 'DATABASE_URL']) {
    if (!process.env[name]) continue;
    throw new Error(`${name} is set, but the bench measures servers of its own: unset it`);
  }
}

interface Site {
  readonly folder: string;
  /** What must be stopped, in the order in which it was started. */
  readonly stops: (() => Promise<unknown>)[];
  readonly log: (line: string) => void;
}

interface Store {
  readonly db: Db;
  readonly url: string;
}

interface Place extends Site {
  readonly store: () => Promise<Store>;
}

async function startStore({ folder, stops, log }: Site): Promise<Store> {
  log('starting PostgreSQL');
  const server = await startPostgres({ dataFolder: join(folder, 'postgres') });
  stops.push(() => server.stop());
  const db = openDb({ url: server.url, poolMax: 2, name: 'belay-bench' });
  stops.push(() => db.destroy());
  await migrate(db);
  await holdTrust(db, { classes: ['restart'], tiers: ['info', 'warning'], environment });
  return { db, url: server.url };
}

async function startServer(
  { folder, stops, log }: Place,
  name: 'tuned' | 'untuned' | 'waiting' | 'growing',
): Promise<TemporalServer> {
  log(`starting Temporal (${name})`);
  const server = await startTemporal({
    dataFolder: join(folder, `temporal-${name}`),
    headless: true,
    namespace: benchNamespace,
    tuned: name !== 'untuned',
  });
  stops.push(() => server.stop());
  return server;
}

async function startEngine(place: Place, { address }: TemporalServer): Promise<Engine> {
  const site = { address, namespace: 'default' };
  const bundleFile = join(projectFolder(), 'dist/workflow-bundle.js');
  const port = await freePort();
  const intake = { url: `http://127.0.0.1:${port}`, token: randomBytes(16).toString('hex') };
  const env = {
    BELAY_INTAKE_PORT: String(port),
    BELAY_ALERTMANAGER_TOKENS: intake.token,
    BELAY_STORM_FIRINGS: '1000000', // what is measured is the pace without one
  };
  const readyUrl = `${intake.url}/readyz`;
  const bare = await startBare(place, { name: 'engine', site, bundleFile, env, readyUrl });
  return { ...bare, intake };
}

async function startOwn(
  place: Place,
  workflows: BenchWorkflows,
  server: TemporalServer,
): Promise<Bare> {
  const bundleFile = await bundleBenchWorkflows(workflows, place.folder);
  const site = ownSiteOf(server);
  return startBare(place, { name: `${workflows}-${server.pid ?? 0}`, site, bundleFile });
}

function ownSiteOf({ address }: TemporalServer): TemporalSite {
  return { address, namespace: benchNamespace };
}

async function startIntakeIn(
  place: Place,
  name: string,
  { address }: TemporalServer,
): Promise<IntakeAlone> {
  const databaseUrl = (await createDatabase(place, name)).toString();
  const { folder } = place;
  const intake = await startIntakeAlone({ folder, databaseUrl, temporalAddress: address });
  const stopped = once(() => intake.stop());
  place.stops.push(stopped);
  return { ...intake, stop: stopped };
}

async function startSink(place: Place): Promise<Part> {
  const sink = await startSinkPart({ name: 'sink', folder: place.folder, env: {} });
  place.stops.push(() => sink.stop());
  return sink;
}

async function createDatabase({ store }: Place, name: string): Promise<URL> {
  const { db, url } = await store();
  await sql`CREATE DATABASE ${sql.ref(name)}`.execute(db);
  const address = new URL(url);
  address.pathname = `/${name}`;
  return address;
}

type TemporalSite = Pick<TemporalServer, 'address' | 'namespace'>;

async function startBare(
  place: Place,
  options: {
    readonly name: string;
    readonly site: TemporalSite;
    readonly bundleFile: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly readyUrl?: string;
  },
): Promise<Bare> {
  const { name, site, bundleFile, readyUrl } = options;
  const settings = await environmentOf(place, site);
  const env = { ...settings, BELAY_BUNDLE: bundleFile, ...options.env };
  const worker = await startWorkerPart({ name, folder: place.folder, env, readyUrl });
  place.stops.push(() => worker.stop());
  const client = openTemporal(site);
  place.stops.push(() => client.connection.close());
  return { worker, client };
}

async function environmentOf(
  { folder, store }: Place,
  { address, namespace }: TemporalSite,
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
