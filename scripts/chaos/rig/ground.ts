/**
 * What chaos stands on: two intakes, two workers and the fleet, each a process, on a PostgreSQL and a Temporal of its own, with
 * a link of its own to each. It refuses to run on servers that it did not start.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { openDb, type Db } from '../../../activities/store/db.js';
import { migrate } from '../../../activities/store/migrate.js';
import { holdTrust } from '../../bench/rig/held-trust.js';
import { bundleOptions } from '../../bundle-options.mjs';
import { nodeFlags } from '../../engine/belay-process.js';
import { projectFolder } from '../../engine/project-folder.js';
import { freePort } from '../../servers/port.js';
import { startPostgres, type PostgresServer } from '../../servers/postgres.js';
import { startTemporal, type TemporalServer } from '../../servers/temporal.js';
import { Link } from '../wire/link.js';
import { FleetClient } from '../world/fleet-client.js';
import { environment, guardsText, policyText } from '../world/policy.js';
import { Part } from './part.js';
import { Server } from './server.js';

/** One of Belay's processes with its two wires and its clock. */
export interface Exposed {
  readonly part: Part;
  readonly toPostgres: Link;
  readonly toTemporal: Link;
  /** Moves its Date; 0 is the true time. */
  readonly moveClock: (offsetMs: number) => void;
  readonly url: string;
}

export interface Ground {
  readonly folder: string;
  readonly token: string;
  readonly fleet: FleetClient;
  readonly intakes: readonly Exposed[];
  readonly workers: readonly Exposed[];
  readonly postgres: Server<PostgresServer>;
  readonly temporal: Server<TemporalServer>;
  readonly temporalAddress: string;
  /** Straight to the server, by no link. */
  readonly db: Db;
  stop(): Promise<void>;
}

interface Site {
  readonly folder: string;
  readonly stops: (() => Promise<unknown>)[];
  readonly log: (line: string) => void;
}

/** Everything runs when it resolves, though not everything may be ready yet. Throws with nothing left running. */
export async function openGround(
  log: (line: string) => void,
  keep: 'keep' | 'remove',
): Promise<Ground> {
  refuseForeignServers();
  const folder = mkdtempSync(join(tmpdir(), 'belay-chaos-'));
  chmodSync(folder, 0o711);
  const remove = () => Promise.resolve(rmSync(folder, { recursive: true, force: true }));
  const stops = keep === 'keep' ? [] : [remove];
  const site: Site = { folder, stops, log };
  try {
    return await furnish(site);
  } catch (error) {
    await stopAll(stops);
    throw error;
  }
}

async function furnish(site: Site): Promise<Ground> {
  const { folder, stops, log } = site;
  writeFileSync(join(folder, 'services.yaml'), policyText());
  writeFileSync(join(folder, 'guards.yaml'), guardsText);
  const bundling = bundle(folder);
  const { postgres, db, databaseUrl } = await beginPostgres(site);
  const { temporal, temporalAddress } = await beginTemporal(site);
  const bundleFile = await bundling;
  log('starting the fleet, two workers and two intakes');
  const { fleet, fleetUrl } = await beginFleet(site);
  const token = randomBytes(16).toString('hex');
  const place = { ...site, databaseUrl, temporalAddress, bundleFile, fleetUrl, token };
  const workers = [await expose(place, 'worker-1'), await expose(place, 'worker-2')];
  const intakes = [await expose(place, 'intake-1'), await expose(place, 'intake-2')];
  const ground = { folder, token, fleet, intakes, workers, postgres, temporal };
  return { ...ground, temporalAddress, db, stop: () => stopAll(stops) };
}

/** The last started first. What cannot be stopped does not keep the rest running. */
async function stopAll(stops: (() => Promise<unknown>)[]): Promise<void> {
  for (const stopOne of stops.splice(0).reverse()) await stopOne().catch(() => undefined);
}

function refuseForeignServers(): void {
  for (const name of ['TEMPORAL_ADDRESS', 'DATABASE_URL']) {
    if (!process.env[name]) continue;
    throw new Error(`${name} is set, but chaos kills servers of its own only: unset it`);
  }
}

async function bundle(folder: string): Promise<string> {
  const { code } = await bundleWorkflowCode({
    ...bundleOptions(projectFolder(), 'scripts/chaos/workflows/runs.ts'),
    logger: new DefaultLogger('WARN'),
  });
  const file = join(folder, 'workflow-bundle.js');
  writeFileSync(file, code);
  return file;
}

async function beginPostgres({ folder, stops, log }: Site) {
  log('starting PostgreSQL');
  const port = await freePort();
  const dataFolder = join(folder, 'postgres');
  const postgres = new Server('postgres', () => startPostgres({ dataFolder, port }));
  const { url } = await postgres.start();
  stops.push(() => postgres.stop());
  const db = openDb({ url, poolMax: 4, name: 'belay-chaos' });
  stops.push(() => db.destroy());
  await migrate(db);
  const classes = ['restart', 'configure'];
  await holdTrust(db, { classes, tiers: ['info', 'warning'], environment });
  return { postgres, db, databaseUrl: url };
}

async function beginTemporal({ folder, stops, log }: Site) {
  log('starting Temporal on a file');
  const port = await freePort();
  const dataFolder = join(folder, 'temporal');
  const temporal = new Server('temporal', () =>
    startTemporal({ dataFolder, port, headless: true }),
  );
  const { address } = await temporal.start();
  stops.push(() => temporal.stop());
  return { temporal, temporalAddress: address };
}

async function beginFleet({ folder, stops }: Site) {
  const port = await freePort();
  const fleet = new Part({
    name: 'fleet',
    args: [process.argv[1] ?? '', 'part', 'fleet'],
    env: { BELAY_CHAOS_FLEET_PORT: String(port) },
    logFile: join(folder, 'fleet.log'),
  });
  fleet.start();
  stops.push(() => fleet.stop());
  const fleetUrl = `http://127.0.0.1:${port}`;
  return { fleet: new FleetClient(fleetUrl), fleetUrl };
}

interface Place extends Site {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly bundleFile: string;
  readonly fleetUrl: string;
  readonly token: string;
}

async function expose(place: Place, name: 'worker-1' | 'worker-2' | 'intake-1' | 'intake-2') {
  const { folder, stops } = place;
  const database = new URL(place.databaseUrl);
  const toPostgres = await Link.to(Number(database.port));
  const toTemporal = await Link.to(Number(place.temporalAddress.split(':')[1]));
  stops.push(() => Promise.all([toPostgres.close(), toTemporal.close()]));
  database.port = String(toPostgres.port);
  const port = await freePort();
  const clockFile = join(folder, `${name}.clock`);
  const isWorker = name.startsWith('worker');
  const part = new Part({
    name,
    args: isWorker ? workerArgs() : intakeArgs(),
    env: {
      DATABASE_URL: database.href,
      TEMPORAL_ADDRESS: `127.0.0.1:${toTemporal.port}`,
      BELAY_POLICY_FILE: join(folder, 'services.yaml'),
      BELAY_STATE_FOLDER: folder,
      BELAY_BUNDLE: place.bundleFile,
      BELAY_ALERTMANAGER_TOKENS: place.token,
      BELAY_STORM_FIRINGS: '1000000', // all of them are to be worked on
      BELAY_CHAOS_CLOCK: clockFile,
      BELAY_CHAOS_FLEET_URL: place.fleetUrl,
      [isWorker ? 'BELAY_WORKER_METRICS_PORT' : 'BELAY_INTAKE_PORT']: String(port),
    },
    logFile: join(folder, `${name}.log`),
  });
  part.start();
  stops.push(() => part.stop());
  const moveClock = (offsetMs: number): void => writeFileSync(clockFile, String(offsetMs));
  return { part, toPostgres, toTemporal, moveClock, url: `http://127.0.0.1:${port}` };
}

function clockFlags(): string[] {
  return ['--require', join(projectFolder(), 'scripts/chaos/moved-clock.cjs')];
}

function workerArgs(): string[] {
  return [...clockFlags(), ...nodeFlags(), process.argv[1] ?? '', 'part', 'worker'];
}

/** The program that is shipped, as it is. */
function intakeArgs(): string[] {
  return [...clockFlags(), join(projectFolder(), 'dist/workers/intake.js')];
}
