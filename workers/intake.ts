/**
 * The intake process: takes alerts in over HTTP, keeps them in the inbox, brings them to their runs. It puts its parts
 * together here and decides nothing; it holds no credential of any target.
 */
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { pino } from 'pino';
import { senders } from '../activities/senders/index.js';
import { createBacklog } from '../activities/store/backlog.js';
import { createDeadLetters } from '../activities/store/dead-letters.js';
import type { DeadLetters } from '../activities/store/dead-letters.js';
import { openDb } from '../activities/store/db.js';
import type { Db } from '../activities/store/db.js';
import { createInbox } from '../activities/store/inbox.js';
import type { Inbox } from '../activities/store/inbox.js';
import { createOpenFirings } from '../activities/store/open-firings.js';
import { createStorms } from '../activities/store/storms.js';
import { noteIntake } from '../activities/store/intake-lines.js';
import { migrate } from '../activities/store/migrate.js';
import { createReception } from '../activities/store/reception.js';
import { noteTurnedAway } from '../activities/store/turned-away.js';
import { runbooks } from '../runbooks/index.js';
import type { Alert } from '../workflows/domain/alert.js';
import { seconds } from '../workflows/domain/time.js';
import { accept, keep } from './intake/acceptance.js';
import { createAuthentication } from './intake/authentication.js';
import { deliver } from './intake/delivery.js';
import { createDispatcher } from './intake/dispatcher.js';
import type { Dispatcher } from './intake/dispatcher.js';
import { schemeSecrets, schemesOf } from './intake/doors.js';
import type { Door } from './intake/entrance.js';
import { createInstruments } from './intake/instruments.js';
import { createPulling, pullSourcesOf } from './intake/pull/index.js';
import type { Pulling, PullingParts } from './intake/pull/index.js';
import { readPullSettings } from './intake/pull/settings.js';
import type { PullSettings } from './intake/pull/settings.js';
import { createStormWatch } from './intake/storm.js';
import type { StormWatch } from './intake/storm.js';
import type { Instruments } from './intake/instruments.js';
import { overdueBy } from './intake/overdue.js';
import type { Aging } from './intake/overdue.js';
import { createPressure } from './intake/pressure.js';
import type { Pressure } from './intake/pressure.js';
import type { Runs } from './intake/runs.js';
import { createSchemes } from './intake/schemes/index.js';
import { fetchCertificate } from './intake/schemes/sns-certificates.js';
import { confirmSubscription } from './intake/schemes/sns-subscription.js';
import { createServer } from './intake/server.js';
import { createServiceTiers } from './intake/service-tiers.js';
import type { Log } from './intake/server.js';
import { createTemporalRuns, openTemporal } from './intake/temporal-runs.js';
import { tlsOptionsOf } from './intake/tls.js';
import { createUnpacker } from './intake/unpacker.js';
import { createWrongSecrets } from './intake/wrong-secrets.js';
import { createMetrics } from './metrics.js';
import type { Metrics } from './metrics.js';
import { hasAny, settingsOf } from './secrets.js';
import type { Secrets } from './secrets.js';
import { readSettings, SettingsError } from './settings.js';
import type { Settings } from './settings.js';

export interface IntakeOptions {
  readonly settings: Settings;
  readonly log: Log;
  /** The project's runbooks unless given. */
  readonly catalogue?: readonly Aging[];
  /** A connection of its own to settings.temporal unless given; one that shares a worker's client may start eagerly. */
  readonly runs?: Runs;
  /** Which monitors are asked for what they did not send; none unless given. */
  readonly pull?: PullSettings | undefined;
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
 * Throws a SettingsError when no source has a secret, or TLS has no usable files.
 */
export async function startIntake(options: IntakeOptions): Promise<Intake> {
  const { settings, log } = options;
  const doors = doorsOf(settings);
  const tls = settings.intake.tls && tlsOptionsOf(settings.intake.tls);
  const metrics = createMetrics('intake');
  const instruments = createInstruments(metrics);
  const db = openDb({ url: settings.databaseUrl, poolMax, name: 'belay-intake' });
  const inbox = createInbox(db);
  const pressure = createPressure({ inbox, log, prepare: () => migrate(db) });
  const { runs, close } = runsOf(options);
  const { storms, dispatcher } = dispatching(options, { db, inbox, runs, instruments });
  gauge(metrics, { pressure, dispatcher, storms });
  const wrongSecrets = createWrongSecrets({ log, write: (told) => noteTurnedAway(db, told) });
  const common = { instruments, log, closed: pressure.closed };
  const deadLetters = deadLettersOf(db, instruments, log);
  const { hand } = dispatcher;
  const backlog = createBacklog({ db, deadLetters });
  const unpacker = createUnpacker({ backlog, hand, log });
  const { kept } = unpacker;
  const reception = createReception({ db, backlog });
  const commit = (alerts: readonly Alert[]): Promise<void> =>
    accept({ ...common, reception, hand, kept }, alerts);
  const pulling = pullingOf(options.pull, { db, commit, metrics, log });
  const server = createServer({
    doors,
    closed: closedOf(doors),
    tls,
    wrongSecrets,
    instruments,
    log,
    commit,
    readBack: (source) => pulling?.readBack(source),
    keep: (letter) => keep({ ...common, deadLetters }, letter),
    unready: pressure.unready,
    metricsText: () => metrics.text(),
  });
  const stop = async (): Promise<void> => {
    pressure.close();
    await Promise.all([server.close(), pulling?.stop()]);
    await unpacker.stop();
    const drained = dispatcher.stop();
    await Promise.race([drained, setTimeout(drainMs, undefined, { ref: false })]);
    await close(); // ends calls to a Temporal that does not answer
    await Promise.all([drained, pressure.stop(), wrongSecrets.stop()]);
    await Promise.all([db.destroy(), metrics.stop()]);
  };
  const { host, port } = settings.intake;
  const listening = await server.listen({ host, port }).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const url = tls ? listening.replace(/^http:/, 'https:') : listening;
  log.info({ url }, 'the intake listens');
  return { url, stop };
}

interface Sending {
  readonly db: Db;
  readonly inbox: Inbox;
  readonly runs: Runs;
  readonly instruments: Instruments;
}

/** What takes alerts from the inbox to their runs, and what holds them while a storm is on. */
function dispatching(options: IntakeOptions, { db, inbox, runs, instruments }: Sending) {
  const { settings, log, catalogue = runbooks } = options;
  const storms = createStormWatch({
    storms: createStorms(db, settings.intake.storm, {
      tiersOf: createServiceTiers({ path: settings.policyFile, log }),
      overdue: overdueBy(catalogue),
    }),
    settings: settings.intake.storm,
    log,
  });
  const dispatcher = createDispatcher({
    inbox,
    instruments,
    log,
    storms,
    deliver: (alert) => deliver({ inbox, runs, catalogue }, alert),
  });
  return { storms, dispatcher };
}

/** A source without any secret has no door; with none at all nobody could send. */
function doorsOf({ intake }: Settings): Door[] {
  const schemes = createSchemes({ fetchCertificate, confirmSubscription });
  const doors = senders.flatMap((sender): Door[] => {
    const secrets: Secrets | undefined = intake.secrets[sender.source];
    if (secrets === undefined || !hasAny(secrets)) return [];
    const locks = schemesOf(sender.source).map((name) => ({
      scheme: schemes[name],
      secrets: secrets[schemeSecrets[name].kind],
    }));
    return [{ sender, authentication: createAuthentication(locks) }];
  });
  if (doors.length > 0) return doors;
  const settings = senders.map(({ source }) => settingsOf(source)).join(' or ');
  throw new SettingsError([
    `${settings} is not set, so nobody could send alerts: give a secret, or a file of them with _FILE`,
  ]);
}

function closedOf(doors: readonly Door[]): Record<string, string> {
  const open = new Set(doors.map(({ sender }) => sender.source));
  const others = senders.filter(({ source }) => !open.has(source));
  return Object.fromEntries(others.map(({ source }) => [source, settingsOf(source)]));
}

function deadLettersOf(db: Db, { lettersLost }: Instruments, log: Log): DeadLetters {
  return createDeadLetters(db, {
    onLost(source, count) {
      lettersLost.add(count, { source });
      log.warn({ source, count }, 'dead letters nobody looked at went to make room for newer ones');
    },
  });
}

function runsOf({ runs, settings }: IntakeOptions): { runs: Runs; close: () => Promise<void> } {
  if (runs) return { runs, close: () => Promise.resolve() };
  const client = openTemporal(settings.temporal);
  return { runs: createTemporalRuns({ client }), close: () => client.connection.close() };
}

function pullingOf(
  pull: PullSettings | undefined,
  { db, ...parts }: Pick<PullingParts, 'commit' | 'metrics' | 'log'> & { readonly db: Db },
): Pulling | undefined {
  const sources = pull === undefined ? [] : pullSourcesOf(pull);
  if (pull === undefined || sources.length === 0) return undefined;
  return createPulling({
    ...parts,
    sources,
    intervalMs: pull.intervalMs,
    inbox: createOpenFirings(db),
    note: (line) => noteIntake(db, line),
  });
}

interface Gauged {
  readonly pressure: Pressure;
  readonly dispatcher: Dispatcher;
  readonly storms: StormWatch;
}

function gauge(metrics: Metrics, { pressure, dispatcher, storms }: Gauged): void {
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
  metrics.gauge(describe('belay_storms', 'Storms that are on.'), storms.on);
  metrics.gauge(describe('belay_dispatch_away', '1 while no run can be started or told.'), () =>
    Number(dispatcher.isAway()),
  );
}

/** SIGTERM and SIGINT drain and stop; a wrong setting ends with its explanation. */
async function main(): Promise<void> {
  const log = pino({ name: 'intake' });
  try {
    const pull = readPullSettings(process.env);
    const intake = await startIntake({ settings: readSettings(process.env), log, pull });
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
