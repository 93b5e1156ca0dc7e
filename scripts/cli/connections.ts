/** Opens PostgreSQL and Temporal for one command and closes them after it; who is not there is a complaint, not a stack trace. */
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { sql } from 'kysely';
import { openDb, type Db } from '../../activities/store/db.js';
import { seconds } from '../../workflows/domain/time.js';
import { addressesOf, databasePlace, requireDatabaseUrl } from './addresses.js';
import type { Complaint } from './complaint.js';
import { refused, unreachable } from './complaint.js';
import { reasonOf } from './reason.js';
import type { Terminal } from './terminal.js';

const connectTimeoutMs = seconds(3);
/** One call; commands that wait longer set their own. */
const callTimeoutMs = seconds(10);

/** Throws an unreachable Complaint when nobody answers there, a refused one when Belay never ran on it. */
export async function withDb<Result>(
  terminal: Pick<Terminal, 'env'>,
  use: (db: Db, url: string) => Promise<Result>,
): Promise<Result> {
  const url = requireDatabaseUrl(addressesOf(terminal));
  const db = openDb({ url, poolMax: 2, name: 'belay-cli', onIdleError: () => undefined });
  try {
    await answers(db, url);
    return await use(db, url);
  } catch (error) {
    throw saidOfDb(error);
  } finally {
    await db.destroy();
  }
}

async function answers(db: Db, url: string): Promise<void> {
  try {
    await sql`SELECT 1`.execute(db);
  } catch (error) {
    throw unreachable(
      `PostgreSQL at ${databasePlace(url)} does not answer (${reasonOf(error)})`,
      'start it (belay up), or set DATABASE_URL',
    );
  }
}

function saidOfDb(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code !== '42P01') return error;
  return refused(
    'this database has no tables of Belay',
    'start belay up, or the worker, on it once',
  );
}

/** Throws an unreachable Complaint when nobody answers there. */
export async function withTemporal<Result>(
  terminal: Pick<Terminal, 'env'>,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  const { temporalAddress, namespace } = addressesOf(terminal);
  // Imported here: it takes longer to load than most commands take to run.
  const temporal = await import('@temporalio/client');
  const away = (error: unknown): Complaint =>
    unreachable(
      `Temporal at ${temporalAddress} does not answer (${reasonOf(error)})`,
      'start it (belay up), or set TEMPORAL_ADDRESS',
    );
  const connection = await temporal.Connection.connect({
    address: temporalAddress,
    connectTimeout: connectTimeoutMs,
  }).catch((error: unknown) => {
    throw away(error);
  });
  const client = new temporal.Client({
    connection,
    namespace,
    dataConverter: { payloadConverterPath },
  });
  try {
    return await client.withDeadline(Date.now() + callTimeoutMs, () => use(client));
  } catch (error) {
    throw isAway(error) ? away(error) : error;
  } finally {
    await connection.close();
  }
}

/** The one the workers use: what they wrote can be read with no other. */
const payloadConverterPath = fileURLToPath(
  new URL('../../workflows/converter.cjs', import.meta.url),
);

/** gRPC's DEADLINE_EXCEEDED and UNAVAILABLE, wherever in the chain of causes they are. */
function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && (error.code === 4 || error.code === 14)) return true;
  return isAway(error.cause);
}
