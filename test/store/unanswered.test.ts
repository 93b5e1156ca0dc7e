/** A PostgreSQL that does not answer: the query is given up, its connection is not used again, and the next one is served. */
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { openDb, type Db } from '../../activities/store/db.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let between: Server;
let db: Db;
const links: { readonly client: Socket; readonly server: Socket }[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
  const { hostname, port } = new URL(database.url);
  between = createServer((client) => {
    const server = connect(Number(port), hostname);
    links.push({ client, server });
    client.pipe(server);
    server.pipe(client);
    for (const end of [client, server]) end.on('error', () => end.destroy());
  });
  await new Promise<void>((done) => between.listen(0, '127.0.0.1', done));
  const url = new URL(database.url);
  url.host = `127.0.0.1:${(between.address() as AddressInfo).port}`;
  db = openDb({ url: url.toString(), poolMax: 1, answerWithinMs: 300 });
}, 60_000);

afterAll(async () => {
  await db.destroy();
  for (const { client, server } of links) for (const end of [client, server]) end.destroy();
  await new Promise((done) => between.close(done));
  await database.close();
});

const one = sql<{ one: number }>`SELECT 1 AS one`;

/** From now on the connection that is open swallows every answer, as a cut network does. */
function swallow(): void {
  for (const { client, server } of links) server.unpipe(client).resume();
}

test('a query without an answer is given up, and the next one gets another connection', async () => {
  expect((await one.execute(db)).rows).toEqual([{ one: 1 }]);
  swallow();
  await expect(one.execute(db)).rejects.toThrow('Query read timeout');
  expect((await one.execute(db)).rows).toEqual([{ one: 1 }]);
  expect(links).toHaveLength(2);
});

test('a transaction without an answer ends too, though its rollback cannot be sent', async () => {
  await one.execute(db);
  const before = links.length;
  const transaction = db.transaction().execute(async (within) => {
    await one.execute(within);
    swallow();
    await one.execute(within);
  });
  await expect(transaction).rejects.toThrow('Query read timeout');
  expect((await one.execute(db)).rows).toEqual([{ one: 1 }]);
  expect(links.length).toBe(before + 1);
});
