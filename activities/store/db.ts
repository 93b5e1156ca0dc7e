/** The way into PostgreSQL: a bounded pool under kysely, and a listener. Knows no table. */
import { Kysely, PostgresDialect, type PostgresPool, type PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { seconds } from '../../workflows/domain/time.js';
import type { Database } from './schema.js';

export type Db = Kysely<Database>;

export interface DbOptions {
  /** `postgres://user:password@host:port/database`; never logged. */
  readonly url: string;
  /** Connections at once; admissions and judgements hold one each for a few milliseconds. */
  readonly poolMax?: number;
  /** Shows up in pg_stat_activity. */
  readonly name?: string;
  /** After this long a query counts as unanswered and its connection is given up; 9 s unless given. */
  readonly answerWithinMs?: number;
  /** A connection that broke while nobody used it; the pool replaces it. */
  onIdleError?(error: Error): void;
}

/** int8: every number of ours is far below 2^53. */
const int8Oid = 20;

/** Opens nothing until it is asked something. Close it with `db.destroy()`. A pooler between must keep prepared statements. */
export function openDb(options: DbOptions): Db {
  const { url, poolMax = 10, name = 'belay', onIdleError, answerWithinMs = seconds(9) } = options;
  const types = new pg.TypeOverrides();
  types.setTypeParser(int8Oid, Number);
  const pool = new pg.Pool({
    connectionString: url,
    max: poolMax,
    application_name: name,
    connectionTimeoutMillis: seconds(5),
    // Longer than any statement of ours, shorter than a short call's patience.
    statement_timeout: seconds(8),
    lock_timeout: seconds(5),
    // A server that is frozen, or a network that swallows, does not even say no.
    query_timeout: answerWithinMs,
    idle_in_transaction_session_timeout: seconds(15),
    types,
  });
  pool.on('error', (error) => onIdleError?.(error));
  // One that breaks while it is lent tells whoever asked it something; without a listener it would end the process too.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return new Kysely<Database>({ dialect: new PostgresDialect({ pool: preparing(pool) }) });
}

/** What pg throws when `query_timeout` is over; the connection is then of no more use. */
const unansweredText = 'Query read timeout';

/** Statements a process prepares on each connection; ours are few, and what comes after them is sent unprepared. */
const preparedMax = 200;

/** The statements here are long and always the same: planning them anew each time costs more than running them. */
function preparing(pool: pg.Pool): PostgresPool {
  const names = new Map<string, string>();
  const nameOf = (text: string): string | undefined => {
    if (!names.has(text) && names.size < preparedMax) names.set(text, `belay_${names.size}`);
    return names.get(text);
  };
  return {
    async connect() {
      const client = await pool.connect();
      let unanswered: Error | undefined;
      const query = async (text: string, values: readonly unknown[]) => {
        if (unanswered !== undefined) throw unanswered; // the rollback: its answer would come after the other's
        const name = nameOf(text);
        const prepared = name === undefined ? {} : { name };
        try {
          return await client.query({ text, values: [...values], ...prepared });
        } catch (error) {
          if (error instanceof Error && error.message === unansweredText) unanswered = error;
          throw error;
        }
      };
      const release = (): void => client.release(unanswered ?? false);
      return { query, release } as unknown as PostgresPoolClient;
    },
    end: () => pool.end(),
  };
}

export interface Listening {
  readonly url: string;
  readonly channel: string;
  onNotice(): void;
  /** The connection broke: nothing will be heard any more. */
  onLost(error: Error): void;
}

/** LISTENs on its own connection until the returned function is called. Throws when it cannot connect. */
export async function listen({
  url,
  channel,
  onNotice,
  onLost,
}: Listening): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: seconds(5) });
  client.on('error', onLost);
  client.on('notification', onNotice);
  await client.connect();
  await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
  return () => client.end();
}
