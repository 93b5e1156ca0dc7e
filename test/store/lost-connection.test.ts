/** A connection that breaks while it is lent: whoever asked is told, the process lives, the next one is served. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { openDb, type Db } from '../../activities/store/db.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let db: Db;
const uncaught: unknown[] = [];
const keep = (error: unknown): unknown => uncaught.push(error);

beforeAll(async () => {
  database = await openTestDatabase();
  db = openDb({ url: database.url, poolMax: 1 });
  process.on('uncaughtException', keep);
}, 60_000);

afterAll(async () => {
  process.off('uncaughtException', keep);
  await db.destroy();
  await database.close();
});

test('a connection lost in the middle of a transaction fails the transaction and nothing else', async () => {
  const transaction = db.transaction().execute(async (within) => {
    const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(within);
    await sql`SELECT pg_terminate_backend(${rows[0]?.pid})`.execute(database.db);
    await new Promise((resolve) => setTimeout(resolve, 200)); // idle in the transaction, it hears of it
    await sql`SELECT 1`.execute(within);
  });
  await expect(transaction).rejects.toThrow();
  const { rows } = await sql<{ one: number }>`SELECT 1 AS one`.execute(db);
  expect(rows).toEqual([{ one: 1 }]);
  expect(uncaught).toEqual([]);
});
