/**
 * The whole engine on one machine: Temporal, PostgreSQL and Belay's own processes, started in order and stopped in order.
 * `belay up`, the demo, the bench and the tests stand on it; it prints nothing and reads no alert.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort } from '../servers/port.js';
import { startPostgres, type PostgresServer } from '../servers/postgres.js';
import { startTemporal, type TemporalServer } from '../servers/temporal.js';
import { BelayProcess } from './belay-process.js';
import { intakeToken, tokenFileIn } from './intake-token.js';
import { checkpointFolderIn, notaryKey } from './notary-key.js';
import { projectFolder } from './project-folder.js';

export interface EnginePlan {
  /** The state folder: data of the servers, logs, secrets. Used again, it goes on where it was. */
  readonly folder: string;
  /** For Belay's processes, over this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What happens while it runs, a line each, without secrets. */
  readonly log?: (line: string) => void;
  /** Those left out are free ones. */
  readonly ports?: {
    readonly temporal?: number;
    readonly temporalUi?: number;
    readonly postgres?: number;
    readonly intake?: number;
    readonly workerMetrics?: number;
    readonly notary?: number;
  };
  /** With the process that seals the ledger; only `belay up` and those that look at it need it. */
  readonly notary?: 'with';
  /** What happens to a process of Belay that ends by itself; `leave` unless given. */
  readonly whenProcessDies?: 'restart' | 'leave';
}

export interface Engine {
  readonly temporalAddress: string;
  readonly namespace: string;
  /** Absent when the Temporal server is not ours. */
  readonly uiUrl?: string;
  /** Carries the password: not for logs. */
  readonly databaseUrl: string;
  readonly intakeUrl: string;
  /** Bearer token of the intake: not for logs. */
  readonly token: string;
  /** `/healthz`, `/readyz`, `/metrics` of the remediation worker. */
  readonly workerUrl: string;
  /** Intake and worker. */
  readonly process: BelayProcess;
  /** `/healthz`, `/readyz`, `/metrics` of the notary, when there is one. */
  readonly notaryUrl?: string;
  readonly notary?: BelayProcess;
  /** Resolves, with a sentence, when a part is gone that is not mended; never before. */
  readonly broken: Promise<string>;
  stop(): Promise<void>;
}

/** Ready to take alerts when it resolves. Throws with the last lines of the log concerned; nothing is left running then. */
export async function startEngine(plan: EnginePlan): Promise<Engine> {
  const folder = resolve(plan.folder);
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const stopOne of stops.splice(0).reverse()) await stopOne();
  };
  try {
    const { temporal, postgres } = await startServers(plan, folder, stops);
    const ground = { folder, temporal, postgres, stops };
    const parts = await startProcess(plan, ground);
    const notary = plan.notary === 'with' ? await startNotary(plan, ground) : undefined;
    return {
      temporalAddress: temporal.address,
      namespace: temporal.namespace,
      ...(temporal.uiUrl === undefined ? {} : { uiUrl: temporal.uiUrl }),
      databaseUrl: postgres.url,
      ...parts,
      ...notary,
      broken: Promise.race([
        ...(notary === undefined ? [] : [notary.notary.gaveUp]),
        temporal.ended.then((how) => `temporal ${how}`),
        postgres.ended.then((how) => `postgres ${how}`),
        parts.process.gaveUp,
      ]),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startServers(plan: EnginePlan, folder: string, stops: (() => Promise<void>)[]) {
  const { ports = {}, log = () => undefined } = plan;
  const [temporal, postgres] = await Promise.allSettled([
    startTemporal({
      dataFolder: join(folder, 'temporal'),
      ...(ports.temporal === undefined ? {} : { port: ports.temporal }),
      ...(ports.temporalUi === undefined ? {} : { uiPort: ports.temporalUi }),
    }),
    startPostgres({
      dataFolder: join(folder, 'postgres'),
      ...(ports.postgres === undefined ? {} : { port: ports.postgres }),
    }),
  ]);
  for (const server of [temporal, postgres]) {
    if (server.status === 'fulfilled') stops.push(() => server.value.stop());
  }
  if (temporal.status === 'rejected') throw temporal.reason;
  if (postgres.status === 'rejected') throw postgres.reason;
  log(`temporal answers at ${temporal.value.address}`);
  log('postgres answers');
  return { temporal: temporal.value, postgres: postgres.value };
}

interface Ground {
  readonly folder: string;
  readonly temporal: TemporalServer;
  readonly postgres: PostgresServer;
  readonly stops: (() => Promise<void>)[];
}

async function startProcess(plan: EnginePlan, ground: Ground) {
  const { ports = {}, log = () => undefined, whenProcessDies = 'leave' } = plan;
  const intakePort = ports.intake ?? (await freePort());
  const workerPort = ports.workerMetrics ?? (await freePort());
  const given = { ...process.env, ...plan.env }['BELAY_ALERTMANAGER_TOKENS'];
  const token = given?.split(',')[0] || intakeToken(ground.folder);
  const env = {
    ...environmentOf(ground),
    ...(given ? {} : { BELAY_ALERTMANAGER_TOKENS_FILE: tokenFileIn(ground.folder) }),
    BELAY_INTAKE_PORT: String(intakePort),
    BELAY_WORKER_METRICS_PORT: String(workerPort),
    ...plan.env,
  };
  const intakeUrl = `http://127.0.0.1:${intakePort}`;
  const workerUrl = `http://127.0.0.1:${workerPort}`;
  const engine = new BelayProcess({
    name: 'engine',
    env,
    log,
    logFile: join(ground.folder, 'engine.log'),
    readyUrls: [`${workerUrl}/readyz`, `${intakeUrl}/readyz`],
    whenItDies: whenProcessDies,
  });
  ground.stops.push(() => engine.stop());
  await engine.start();
  log('intake and worker are ready');
  return { intakeUrl, workerUrl, token, process: engine };
}

/** Its key is made on the first start; in the environment of the others nothing points to it. */
async function startNotary(plan: EnginePlan, ground: Ground) {
  const { ports = {}, log = () => undefined, whenProcessDies = 'leave' } = plan;
  const port = ports.notary ?? (await freePort());
  const notaryUrl = `http://127.0.0.1:${port}`;
  const given = { ...process.env, ...plan.env };
  const { postgres, temporal, folder } = ground;
  const notary = new BelayProcess({
    name: 'notary',
    env: {
      DATABASE_URL: postgres.url,
      TEMPORAL_ADDRESS: temporal.address,
      TEMPORAL_NAMESPACE: temporal.namespace,
      BELAY_NOTARY_KEY_FILE: given['BELAY_NOTARY_KEY_FILE'] || notaryKey(folder),
      BELAY_NOTARY_DESTINATIONS:
        given['BELAY_NOTARY_DESTINATIONS'] || `file:${encodeURI(checkpointFolderIn(folder))}`,
      ...plan.env,
      BELAY_NOTARY_PORT: String(port),
    },
    log,
    logFile: join(folder, 'notary.log'),
    readyUrls: [`${notaryUrl}/readyz`],
    whenItDies: whenProcessDies,
  });
  ground.stops.push(() => notary.stop());
  await notary.start();
  log('the notary is ready');
  return { notaryUrl, notary };
}

function environmentOf({ folder, temporal, postgres }: Ground): Record<string, string> {
  const own = 'policies/services.yaml';
  return {
    DATABASE_URL: postgres.url,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    BELAY_STATE_FOLDER: folder,
    BELAY_BUNDLE: process.env['BELAY_BUNDLE'] ?? join(projectFolder(), 'dist/workflow-bundle.js'),
    BELAY_POLICY_FILE:
      process.env['BELAY_POLICY_FILE'] ?? (existsSync(own) ? own : join(projectFolder(), own)),
  };
}
