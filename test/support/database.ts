/** A fresh, migrated database for one test file, on a server of its own or the one DATABASE_URL names. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { openDb, type Db } from '../../activities/store/db.js';
import { migrate } from '../../activities/store/migrate.js';
import { startPostgres } from '../../scripts/servers/postgres.js';

export interface TestDatabase {
  readonly db: Db;
  readonly url: string;
  /** Drops the database and stops the server if it was started here. */
  close(): Promise<void>;
}

export async function openTestDatabase(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'belay-postgres-'));
  const server = await startPostgres({ dataFolder: folder });
  const name = `belay_test_${randomBytes(6).toString('hex')}`;
  await ask(server.url, `CREATE DATABASE ${name}`);
  const url = Object.assign(new URL(server.url), { pathname: `/${name}` }).toString();
  const db = openDb({ url });
  await migrate(db);
  return {
    db,
    url,
    async close() {
      await db.destroy();
      await ask(server.url, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function ask(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
