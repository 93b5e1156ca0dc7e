/** Lines read off COPY come out as those read off their JSON, whatever is in them: both are what was sealed. */
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sql } from 'kysely';
import { copiedLines } from '../../activities/audit/copied-lines.js';
import { lineJson, readLine, type LedgerLine } from '../../activities/audit/leaf.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
}, 60_000);

afterAll(async () => {
  await database.close();
});

beforeEach(async () => {
  await asOwner(sql`DELETE FROM ledger`);
});

async function asOwner(...statements: ReturnType<typeof sql>[]): Promise<void> {
  await database.db.transaction().execute(async (transaction) => {
    await sql`SET LOCAL session_replication_role = replica`.execute(transaction);
    for (const statement of statements) await statement.execute(transaction);
  });
}

/** The same lines both ways, of one moment. */
async function bothWays(): Promise<{ copied: LedgerLine[]; read: LedgerLine[] }> {
  return database.db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async (transaction) => {
      await sql`SELECT set_config('TimeZone', 'UTC', true)`.execute(transaction);
      const copied: LedgerLine[] = [];
      for await (const page of copiedLines(transaction, database.url)) copied.push(...page);
      const { rows } = await sql<{ text: string }>`
        SELECT ${lineJson} AS text FROM ledger AS line ORDER BY seq`.execute(transaction);
      return { copied, read: rows.map(({ text }) => readLine(text)) };
    });
}

/** PostgreSQL keeps no NUL, and no half of a surrogate pair. */
const text = fc
  .oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({
      unit: fc.constantFrom('\\', 'N', '\t', '\n', '\r', '\b', '\v', '"', 'é', '😀', '\u2028'),
    }),
    fc.constantFrom('\\N', '', '\\', '\\\\N', '\\.', '\u007f', '\u0001', 'x'.repeat(70_000)),
  )
  .map((value) => value.replaceAll('\0', '').toWellFormed());

const json = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.stringify(value)),
  fc.constantFrom(
    'null',
    '1.50',
    '123456789012345678',
    '[0.1000]',
    '{"a": 1e400}',
    '"1.50"',
    '{"n": null}',
  ),
);

/** None of its escapes is one that jsonb refuses. */
const storedJson = json.filter((value) => !/\\u(0000|d[89a-f])/i.test(value));

test('whatever the texts and documents are', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(text, text, storedJson), { minLength: 1, maxLength: 12 }),
      async (rows) => {
        await asOwner(sql`DELETE FROM ledger`);
        for (const [says, actor, detail] of rows) {
          await sql`INSERT INTO ledger (id, kind, says, actor, at, detail)
          VALUES (gen_random_uuid()::text, 'switch', ${says}, ${actor}, now(), ${detail}::text::jsonb)`.execute(
            database.db,
          );
        }
        const { copied, read } = await bothWays();
        expect(copied).toHaveLength(rows.length);
        expect(copied).toEqual(read);
      },
    ),
    { numRuns: 60 },
  );
}, 120_000);

test.each([
  ['infinity', "at = 'infinity'"],
  ['a time before Christ', "at = '0044-03-15 12:00:00+00 BC'"],
  ['a time of five digits', "at = '12026-01-01 00:00:00+00'"],
  ['no fraction', "at = '2026-01-01 00:00:00+00'"],
  ['the largest duration', 'duration_ms = 2147483647'],
])('and what a falsifier may write: %s', async (_, change) => {
  await sql`INSERT INTO ledger (id, kind, says, at)
    VALUES (gen_random_uuid()::text, 'switch', 'x', now()),
      (gen_random_uuid()::text, 'switch', 'y', now())`.execute(database.db);
  await asOwner(sql`UPDATE ledger SET ${sql.raw(change)} WHERE says = 'x'`);
  const { copied, read } = await bothWays();
  expect(copied).toHaveLength(2);
  expect(copied).toEqual(read);
});

test('and of an empty ledger there are none', async () => {
  expect(await bothWays()).toEqual({ copied: [], read: [] });
});

test('a column that this reader does not know is read all the same', async () => {
  await sql`ALTER TABLE ledger ADD COLUMN odd interval`.execute(database.db);
  await sql`INSERT INTO ledger (id, kind, says, at, odd)
    VALUES (gen_random_uuid()::text, 'switch', 'x', now(), '1 day'),
      (gen_random_uuid()::text, 'switch', 'y', now(), NULL)`.execute(database.db);
  const { copied, read } = await bothWays();
  expect(copied).toHaveLength(2);
  expect(copied).toEqual(read);
  expect(copied[0]?.leaf).toContain('odd');
});
