/** The process that runs runbooks: joins the replayed half with the half that touches the world. Holds no rule of its own. */
import { pathToFileURL } from 'node:url';
import { Client } from '@temporalio/client';
import { DefaultLogger, Runtime, type NativeConnection } from '@temporalio/worker';
import { pino, type Logger } from 'pino';
import type { Implementation } from '../activities/adapter.js';
import { attributeSignal } from '../activities/attribution.js';
import { callsOf, type CallFunction } from '../activities/effects.js';
import { logChannel } from '../activities/notify/channel.js';
import { createNotifier } from '../activities/notify/notifier.js';
import { webhookChannel } from '../activities/notify/webhook.js';
import { openDb, type Db } from '../activities/store/db.js';
import { migrate } from '../activities/store/migrate.js';
import { createOperations } from '../activities/store/operations.js';
import { createOutbox } from '../activities/store/outbox.js';
import { createStore, type Store } from '../activities/store/store.js';
import { storeCalls, type RecordInput } from '../workflows/store.js';
import { startHealth } from './health.js';
import { createMetrics } from './metrics.js';
import { adaptersOf } from './remediation/adapters.js';
import { announcedGuards } from './remediation/guards.js';
import { announcedPolicy } from './remediation/policy.js';
import { payloadConverterPath, readBundle } from './remediation/bundle.js';
import { countRuns } from './remediation/run-metrics.js';
import { noTargets, readTargets } from './remediation/targets.js';
import { startWorker } from './remediation/worker.js';
import { readSettings, type Settings } from './settings.js';
import { attendSwitch } from './switch/attend.js';
import { addSwitchConsole } from './switch/console.js';
import { addSwitchDoor } from './switch/door.js';

export interface Remediation {
  /** Of /healthz, /readyz and /metrics. */
  readonly url: string;
  /** Shares the worker's connection; a run started with it may get its first turn at once. */
  readonly client: Client;
  /** Rejects when the worker broke. */
  readonly ended: Promise<void>;
  /** Lets what was begun end, for ten seconds at most. */
  stop(): Promise<void>;
}

/** Resolves once runs are taken. Throws when a setting, the database, Temporal or the bundle is not there. */
export async function startRemediation(options: {
  readonly settings: Settings;
  readonly log: Logger;
  /** Those of the targets file unless given. */
  readonly adapters?: readonly Implementation[];
}): Promise<Remediation> {
  const { settings, log } = options;
  const bundle = readBundle(settings.bundleFile);
  const adapters = options.adapters ?? configured(settings);
  const db = openDb({ url: settings.databaseUrl, poolMax: 20, name: 'belay-remediation' });
  await migrate(db);
  const metrics = createMetrics('remediation');
  const policy = announcedPolicy(settings.policyFile, { db, metrics, log });
  const turns = await attendSwitch(db, { settings, log });
  const { fileOrders } = turns;
  const { guards, stop: stopLooking } = await announcedGuards(settings.guards, {
    db,
    metrics,
    log,
  });
  const digestOf = (): string => bundle.digest;
  const store = createStore({ db, policy, guards, digestOf, alsoStopped: fileOrders });
  const calls = new Map<string, CallFunction>([
    ...callsOf(adapters, createOperations(db), { watch: turns }),
    ...storeFunctions(store, countRuns(metrics)),
  ]);
  const { worker, connection, ended } = await startWorker({ ...settings.temporal, bundle, calls });
  const notifying = startNotifier(db, options);
  const health = await startHealth({
    host: settings.intake.host,
    port: settings.workerMetricsPort,
    metrics,
    notReady: async () => ((await reaches(db)) ? undefined : 'PostgreSQL does not answer'),
    add: (server) => {
      const door = { db, tokens: settings.switchTokens, fileOrders, log };
      addSwitchDoor(server, door);
      addSwitchConsole(server, door);
    },
  });
  log.info({ url: health.url, digest: bundle.digest.slice(0, 12) }, 'runs are taken');
  return {
    url: health.url,
    client: clientOn(connection, settings),
    ended,
    async stop() {
      stopLooking();
      worker.shutdown();
      await ended.catch(() => undefined);
      await notifying.stop();
      await store.drained();
      await health.stop();
      await turns.stop();
      await connection.close();
      await db.destroy();
    },
  };
}

function clientOn(connection: NativeConnection, { temporal }: Settings): Client {
  return new Client({
    connection,
    namespace: temporal.namespace,
    dataConverter: { payloadConverterPath },
  });
}

function configured({ targetsFile, stateFolder }: Settings): Implementation[] {
  return adaptersOf(targetsFile === null ? noTargets : readTargets(targetsFile), stateFolder);
}

function storeFunctions(
  store: Store,
  count: (input: RecordInput) => void,
): Map<string, CallFunction> {
  const record = async (input: RecordInput): Promise<null> => {
    await store.record(input);
    count(input);
    return null;
  };
  return new Map<string, CallFunction>([
    [storeCalls.record.name, record],
    [storeCalls.consider.name, (input) => store.consider(input)],
    [storeCalls.admit.name, (input) => store.admit(input)],
    [storeCalls.attribute.name, attributeSignal],
  ]);
}

function startNotifier(
  db: Db,
  { settings, log }: { settings: Settings; log: Logger },
): { stop(): Promise<void> } {
  const { notifyWebhookUrl: url } = settings;
  const channels = [logChannel(log), ...(url === null ? [] : [webhookChannel({ url })])];
  const stopping = new AbortController();
  const running = createNotifier({ outbox: createOutbox(db), channels, log }).run(stopping.signal);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

async function reaches(db: Db): Promise<boolean> {
  try {
    await db.selectFrom('switches').select('scope').limit(1).execute();
    return true;
  } catch {
    return false;
  }
}

/** Exits with a sentence when it cannot start, and when its worker broke: whoever supervises it starts it again. */
async function main(): Promise<void> {
  const log = pino({ name: 'remediation' });
  try {
    Runtime.install({
      logger: new DefaultLogger('WARN', ({ level, message }) => log.warn({ level }, message)),
      shutdownSignals: [],
    });
    const running = await startRemediation({ settings: readSettings(process.env), log });
    const stop = (): void => void running.stop();
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    await running.ended;
  } catch (error) {
    log.fatal({ err: error }, error instanceof Error ? error.message : 'it cannot start');
    process.exit(1); // its health side and its pool would keep it alive, and nobody would start it again
  }
}

/** The name too: in a bundle of several processes the first condition holds for every one of them. */
const program = process.argv[1] ?? '';
const isMain = import.meta.url === pathToFileURL(program).href;
if (isMain && /[/\\]remediation\.[cm]?[jt]s$/.test(program)) await main();
