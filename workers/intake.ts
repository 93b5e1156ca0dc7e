/**
 * The intake process: takes alerts in over HTTP, keeps them in the inbox, brings them to their runs. It puts its parts
 * together here and decides nothing; it holds no credential of any target.
 */
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { senders } from '../activities/senders/index.js';
import { openDb } from '../activities/store/db.js';
import { createInbox } from '../activities/store/inbox.js';
import { migrate } from '../activities/store/migrate.js';
import { runbooks } from '../runbooks/index.js';
import type { Routable } from '../workflows/domain/routing.js';
import { seconds } from '../workflows/domain/time.js';
import { accept } from './intake/acceptance.js';
import { createAuthentication } from './intake/authentication.js';
import { deliver } from './intake/delivery.js';
import { createDispatcher } from './intake/dispatcher.js';
import type { Dispatcher } from './intake/dispatcher.js';
import { createInstruments } from './intake/instruments.js';
import { createPressure } from './intake/pressure.js';
import type { Pressure } from './intake/pressure.js';
import type { Runs } from './intake/runs.js';
import { createServer } from './intake/server.js';
import type { Door, Log } from './intake/server.js';
import { createTemporalRuns, openTemporal } from './intake/temporal-runs.js';
import { createMetrics } from './metrics.js';
import type { Metrics } from './metrics.js';
import { basicSettingOf, readSettings, SettingsError, tokensSettingOf } from './settings.js';
import type { Settings } from './settings.js';

export interface IntakeOptions {
  readonly settings: Settings;
  readonly log: Log;
  /** The project's runbooks unless given. */
  readonly catalogue?: readonly Routable[];
  /** A connection of its own to settings.temporal unless given; one that shares a worker's client may start eagerly. */
  readonly runs?: Runs;
}

export interface Intake {
  /** Where it listens, `http://host:port`. */
  readonly url: string;
  /** Takes nothing new, answers what is under way, leaves the rest in the inbox. */
  stop(): Promise<void>;
}

/** Deliveries under way have this long to end by themselves; those that do not are in the inbox still. */
const drainMs = seconds(2);
/** Connections: commits come one at a time, the rest are short reads. */
const poolMax = 6;

/**
 * Listens when it resolves. PostgreSQL and Temporal may be away: then it answers 503, or keeps alerts waiting.
 * Throws a SettingsError when a source has no secret.
 */
export async function startIntake(options: IntakeOptions): Promise<Intake> {
  const { settings, log } = options;
  const doors = doorsOf(settings);
  const metrics = createMetrics('intake');
  const instruments = createInstruments(metrics);
  const db = openDb({ url: settings.databaseUrl, poolMax, name: 'belay-intake' });
  const inbox = createInbox(db);
  const pressure = createPressure({ inbox, log, prepare: () => migrate(db) });
  const { runs, close } = runsOf(options);
  const catalogue = options.catalogue ?? runbooks;
  const dispatcher = createDispatcher({
    inbox,
    instruments,
    log,
    deliver: (alert) => deliver({ inbox, runs, catalogue }, alert),
  });
  gauge(metrics, pressure, dispatcher);
  const server = createServer({
    doors,
    instruments,
    log,
    commit: (alerts) =>
      accept({ inbox, instruments, log, hand: dispatcher.hand, closed: pressure.closed }, alerts),
    unready: pressure.unready,
    metricsText: () => metrics.text(),
  });
  const stop = async (): Promise<void> => {
    pressure.close();
    await server.close();
    const drained = dispatcher.stop();
    await Promise.race([drained, setTimeout(drainMs, undefined, { ref: false })]);
    await close(); // ends calls to a Temporal that does not answer
    await Promise.all([drained, pressure.stop()]);
    await Promise.all([db.destroy(), metrics.stop()]);
  };
  const { host, port } = settings.intake;
  const url = await server.listen({ host, port }).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  log.info({ url }, 'the intake listens');
  return { url, stop };
}

function doorsOf({ intake }: Settings): Door[] {
  return senders.map((sender) => {
    const secrets = intake.secrets[sender.source] ?? { tokens: [], basic: [] };
    if (secrets.tokens.length + secrets.basic.length > 0) {
      return { sender, authenticate: createAuthentication(secrets) };
    }
    const tokens = tokensSettingOf(sender.source);
    const basic = basicSettingOf(sender.source);
    const fix = `give a secret, or ${basic} with user:password, or ${tokens}_FILE with a file of them`;
    throw new SettingsError([`${tokens} is not set, so anybody could send alerts: ${fix}`]);
  });
}

function runsOf({ runs, settings }: IntakeOptions): { runs: Runs; close: () => Promise<void> } {
  if (runs) return { runs, close: () => Promise.resolve() };
  const client = openTemporal(settings.temporal);
  return { runs: createTemporalRuns({ client }), close: () => client.connection.close() };
}

function gauge(metrics: Metrics, pressure: Pressure, dispatcher: Dispatcher): void {
  const describe = (name: string, description: string) => ({ name, description });
  metrics.gauge(
    describe('belay_inbox_pending', 'Alerts that wait in the inbox.'),
    pressure.pending,
  );
  metrics.gauge(
    describe('belay_inbox_oldest_ms', 'Age of the oldest alert that waits, in milliseconds.'),
    pressure.oldestMs,
  );
  metrics.gauge(
    describe('belay_dispatch_held', 'Alerts in the hands of this process.'),
    dispatcher.size,
  );
  metrics.gauge(describe('belay_dispatch_away', '1 while no run can be started or told.'), () =>
    Number(dispatcher.isAway()),
  );
}

/** SIGTERM and SIGINT drain and stop; a wrong setting ends with its explanation. */
async function main(): Promise<void> {
  const log = pino({ name: 'intake' });
  try {
    const intake = await startIntake({ settings: readSettings(process.env), log });
    const stop = (): void => {
      intake.stop().then(
        () => log.info({}, 'the intake stopped'),
        (error: unknown) => log.error({ err: error }, 'the intake did not stop cleanly'),
      );
    };
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
  } catch (error) {
    log.fatal({ err: error }, error instanceof Error ? error.message : 'the intake cannot start');
    process.exitCode = 1;
  }
}

/** The name too: in a bundle of several processes the first condition holds for every one of them. */
const program = process.argv[1] ?? '';
const isMain = import.meta.url === pathToFileURL(program).href;
if (isMain && /[/\\]intake\.[cm]?[jt]s$/.test(program)) await main();
