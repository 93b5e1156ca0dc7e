/**
 * The notary: the process that seals the ledger. It alone holds the signing key; it writes checkpoints outside the database, and into
 * it nothing but the tree and the digests of histories. It puts its parts together here and decides nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { sql } from 'kysely';
import { pino, type Logger } from 'pino';
import { openDb, type Db } from '../activities/store/db.js';
import { migrate } from '../activities/store/migrate.js';
import { messageOf } from '../workflows/domain/failure.js';
import { hours, seconds } from '../workflows/domain/time.js';
import { startHealth } from './health.js';
import { createMetrics, type Metrics } from './metrics.js';
import { createDigester } from './notary/histories.js';
import { createRounds, type Rounds } from './notary/rounds.js';
import { readNotarySettings, type NotarySettings } from './notary/settings.js';
import { payloadConverterPath } from './remediation/bundle.js';

export interface Notary {
  /** Of /healthz, /readyz and /metrics. */
  readonly url: string;
  /** Ends the round under way. */
  stop(): Promise<void>;
}

const lookEveryMs = seconds(1);
const historiesEveryMs = seconds(5);
const historiesWithinMs = seconds(30);
const monthsEveryMs = hours(6);
/** The same trouble is said again after so long. */
const sayAgainMs = seconds(60);

/** Resolves once it looks. The database may be away: it waits for it, and says so. */
export async function startNotary(settings: NotarySettings, log: Logger): Promise<Notary> {
  const db = openDb({ url: settings.databaseUrl, poolMax: 3, name: 'belay-notary' });
  const metrics = createMetrics('notary');
  const rounds = createRounds({ db, ...settings });
  gauge(metrics, rounds);
  const health = await startHealth({
    host: settings.host,
    port: settings.port,
    metrics,
    notReady: () => Promise.resolve(rounds.standing().trouble),
  }).catch(async (error: unknown) => {
    await db.destroy();
    throw error;
  });
  await migrated(db, log);
  const stopping = new AbortController();
  const loops = [
    loop({ everyMs: lookEveryMs, stopped: stopping.signal }, sayingTrouble(rounds, log)),
    loop({ everyMs: monthsEveryMs, stopped: stopping.signal }, () => migrated(db, log)),
    digesting(db, { settings, log, stopped: stopping.signal }),
  ];
  log.info({ url: health.url, key: settings.key.name }, 'the notary looks');
  return {
    url: health.url,
    async stop() {
      stopping.abort();
      await Promise.all(loops);
      await health.stop();
      await Promise.all([db.destroy(), metrics.stop()]);
    },
  };
}

interface Looping {
  readonly everyMs: number;
  readonly stopped: AbortSignal;
}

async function loop({ everyMs, stopped }: Looping, work: () => Promise<void>): Promise<void> {
  while (!stopped.aborted) {
    await work();
    await sleep(everyMs, undefined, { signal: stopped }).catch(() => undefined);
  }
}

function sayingTrouble(rounds: Rounds, log: Logger): () => Promise<void> {
  let said: { readonly trouble: string | undefined; readonly atMs: number } | undefined;
  return async () => {
    await rounds.look();
    const { trouble } = rounds.standing();
    const nowMs = Date.now();
    if (trouble !== undefined && (said?.trouble !== trouble || nowMs - said.atMs > sayAgainMs)) {
      log.error({ why: trouble }, 'nothing is sealed');
      said = { trouble, atMs: nowMs };
    }
    if (trouble === undefined && said !== undefined) {
      log.info({}, 'lines are sealed again');
      said = undefined;
    }
  };
}

/** Brings the tables and the coming months; a role that may only do the latter does that. */
async function migrated(db: Db, log: Logger): Promise<void> {
  try {
    await migrate(db).catch(() => sql`SELECT ledger_make_months()`.execute(db));
  } catch (error) {
    log.warn({ why: messageOf(error) }, 'the coming months of the ledger were not made');
  }
}

interface Digesting {
  readonly settings: NotarySettings;
  readonly log: Logger;
  readonly stopped: AbortSignal;
}

async function digesting(db: Db, { settings, log, stopped }: Digesting): Promise<void> {
  if (settings.temporal === null) return;
  const { address, namespace } = settings.temporal;
  const connection = Connection.lazy({ address });
  const client = new Client({ connection, namespace, dataConverter: { payloadConverterPath } });
  const digester = createDigester(db, client);
  let isAway = false;
  await loop({ everyMs: historiesEveryMs, stopped }, async () => {
    try {
      await client.withDeadline(Date.now() + historiesWithinMs, () => digester.digest());
      isAway = false;
    } catch (error) {
      if (!isAway) log.warn({ why: messageOf(error) }, 'histories could not be digested');
      isAway = true;
    }
  });
  await connection.close();
}

function gauge(metrics: Metrics, rounds: Rounds): void {
  const add = (name: string, description: string, read: () => number): void =>
    metrics.gauge({ name, description }, read);
  const { standing } = rounds;
  add(
    'belay_notary_unsealed_lines',
    'Lines that wait for a checkpoint, up to 1000.',
    () => standing().waiting,
  );
  add(
    'belay_notary_proved_age_ms',
    'Since when not everything is sealed and published, in milliseconds.',
    () => Math.max(0, Date.now() - standing().provedAtMs),
  );
  add('belay_notary_sealed_lines', 'Lines this process sealed.', () => standing().sealed);
  add(
    'belay_notary_published_checkpoints',
    'Checkpoints this process brought outside.',
    () => standing().published,
  );
  add('belay_notary_refuses', '1 while nothing is signed or published.', () =>
    Number(standing().trouble !== undefined),
  );
}

/** SIGTERM and SIGINT end the round and stop; a wrong setting ends with its explanation. */
async function main(): Promise<void> {
  const log = pino({ name: 'notary' });
  try {
    const notary = await startNotary(readNotarySettings(process.env), log);
    const stop = (): void => void notary.stop();
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
  } catch (error) {
    log.fatal({ err: error }, error instanceof Error ? error.message : 'the notary cannot start');
    process.exitCode = 1;
  }
}

/** The name too: in a bundle of several processes the first condition holds for every one of them. */
const program = process.argv[1] ?? '';
const isMain = import.meta.url === pathToFileURL(program).href;
if (isMain && /[/\\]notary\.[cm]?[jt]s$/.test(program)) await main();
