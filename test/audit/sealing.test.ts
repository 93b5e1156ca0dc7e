/** What only a real PostgreSQL can show: sealing skips no line that commits late, survives kills, and sees a database that was set back. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { pathOfSize, type Destination } from '../../activities/audit/destination.js';
import { fileDestination } from '../../activities/audit/destinations/file.js';
import { withEvidence } from '../../activities/audit/database-evidence.js';
import { examine, type Examined } from '../../activities/audit/examine.js';
import { makeSigningKeyText, parseSigningKey } from '../../activities/audit/note.js';
import { compareOutside, publish } from '../../activities/audit/publish.js';
import { createSealer } from '../../activities/audit/seal.js';
import { writeBareLine } from '../../activities/store/bare-line.js';
import { openDb, type Db } from '../../activities/store/db.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let db: Db;
let folder: string;
let outside: Destination;
const key = parseSigningKey(makeSigningKeyText('ledger.example/belay'));

beforeAll(async () => {
  database = await openTestDatabase();
  ({ db } = database);
});
afterAll(() => database.close());

beforeEach(async () => {
  await asOwner(
    sql`TRUNCATE ledger, ledger_ids, ledger_leaves, ledger_nodes, ledger_checkpoints, ledger_published`,
  );
  await sql`UPDATE ledger_notary SET settled_seq = 0`.execute(db);
  folder = mkdtempSync(join(tmpdir(), 'belay-outside-'));
  outside = fileDestination(folder);
  return () => rmSync(folder, { recursive: true, force: true });
});

/** With every trigger off, as only a superuser can have it: what the guards cannot stop is what the proof is for. */
async function asOwner(...statements: ReturnType<typeof sql>[]): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await sql`SET LOCAL session_replication_role = replica`.execute(transaction);
    for (const statement of statements) await statement.execute(transaction);
  });
}

async function write(count: number, into: Db = db): Promise<void> {
  for (let at = 0; at < count; at += 1)
    await writeBareLine(into, {
      kind: 'switch',
      actor: 'belay',
      says: `line ${at}`,
      detail: { at, third: at / 3 },
    });
}

/** At least so many lines are in one statement's work. */
async function fill(count: number): Promise<void> {
  await sql`
    INSERT INTO ledger (id, kind, says, at, detail)
    SELECT gen_random_uuid()::text, 'switch', 'line ' || n, now(), jsonb_build_object('n', n, 'third', n / 3.0)
    FROM generate_series(1, ${count}::int) AS n`.execute(db);
}

function look(places: readonly Destination[] = [outside]): Promise<Examined> {
  return withEvidence(db, { url: database.url, key, outside: places, outsideMax: 1000 }, examine);
}

async function sealAll(): Promise<void> {
  const sealer = createSealer(db, key);
  while ((await sealer.seal(300))?.more === true);
  await publish(db, outside);
}

describe('sealing', () => {
  test('takes every line once, and what is sealed is proved', async () => {
    await fill(1000);
    await sealAll();
    await fill(77);
    await sealAll();
    expect(await look()).toMatchObject({ flaws: [], lines: 1077, leaves: 1077, waiting: 0 });
    expect(await createSealer(db, key).seal(100)).toBeUndefined();
  });

  test('does not skip a line that commits after one with a higher number', async () => {
    const late = openDb({ url: database.url, poolMax: 1 });
    const sealer = createSealer(db, key);
    try {
      await sql`BEGIN`.execute(late);
      await write(1, late);
      await write(3);
      expect((await sealer.seal(100))?.lines).toBe(3);
      await write(2);
      expect((await sealer.seal(100))?.lines).toBe(2);
      expect(await sealer.seal(100)).toBeUndefined();
      await sql`COMMIT`.execute(late);
      expect((await sealer.seal(100))?.lines).toBe(1);
      expect(await sealer.seal(100)).toBeUndefined();
      const { rows } = await sql<{
        settled: number;
      }>`SELECT settled_seq AS settled FROM ledger_notary`.execute(db);
      expect(rows[0]?.settled).toBeGreaterThan(0);
      await publish(db, outside);
      expect(await look()).toMatchObject({ flaws: [], leaves: 6 });
    } finally {
      await late.destroy();
    }
  });

  test('by several at once, with writers beside them, seals each line once', async () => {
    const sealers = [1, 2, 3].map(() => createSealer(db, key));
    const writers = [1, 2, 3, 4].map(() => write(40));
    let open = true;
    const sealing = sealers.map(async (sealer) => {
      while (open) await sealer.seal(17);
    });
    await Promise.all(writers);
    open = false;
    await Promise.all(sealing);
    await sealAll();
    expect(await look()).toMatchObject({ flaws: [], leaves: 160, waiting: 0 });
  });

  test('a sealing that was signed and not committed leaves nothing behind, and the next one takes it up', async () => {
    await write(5);
    await sql`CREATE FUNCTION killed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'killed'; END $$`.execute(
      db,
    );
    await sql`
      CREATE CONSTRAINT TRIGGER killed AFTER INSERT ON ledger_checkpoints DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION killed()`.execute(db);
    const sealer = createSealer(db, key);
    await expect(sealer.seal(3)).rejects.toThrow('killed');
    await sql`DROP FUNCTION killed CASCADE`.execute(db);
    expect((await sealer.seal(2))?.size).toBe(2);
    await sealAll();
    expect(await look()).toMatchObject({ flaws: [], leaves: 5 });
  });
});

describe('what is outside', () => {
  test('a kill after signing and before publishing publishes the same checkpoint later', async () => {
    await write(3);
    await createSealer(db, key).seal(100);
    const { rows } = await sql<{ note: string }>`SELECT note FROM ledger_checkpoints`.execute(db);
    await compareOutside(db, outside, { key, deep: true });
    expect(await publish(db, outside)).toBe(1);
    expect(await outside.get(3)).toBe(rows[0]?.note);
    await asOwner(sql`TRUNCATE ledger_published`); // killed between the writing and the noting
    await compareOutside(db, outside, { key });
    expect(await publish(db, outside)).toBe(1);
    expect(await look()).toMatchObject({ flaws: [], checkpointsOutside: 1 });
  });

  test('a database that was set back is seen before anything is signed', async () => {
    await write(3);
    await sealAll();
    await write(2);
    await sealAll();
    await asOwner(
      sql`DELETE FROM ledger_checkpoints WHERE size > 3`,
      sql`DELETE FROM ledger_leaves WHERE leaf >= 3`,
      sql`DELETE FROM ledger_published WHERE size > 3`,
      sql`DELETE FROM ledger WHERE seq > (SELECT max(seq) FROM ledger_leaves)`,
    );
    await expect(compareOutside(db, outside, { key })).rejects.toThrow(
      'it was set back or replaced',
    );
    expect((await look()).flaws.map(({ kind }) => kind)).toContain('truncated');
    await sql`INSERT INTO ledger (id, kind, says, at) VALUES ('a', 'switch', 'x', now()), ('b', 'switch', 'y', now())`.execute(
      db,
    );
    await createSealer(db, key).seal(100);
    await expect(compareOutside(db, outside, { key })).rejects.toThrow(
      'another checkpoint of 5 lines',
    );
    await expect(publish(db, outside)).rejects.toThrow('another checkpoint of 5 lines');
  });

  test('a tree that was changed under its checkpoints is not gone on from', async () => {
    await write(3);
    await sealAll();
    await asOwner(sql`UPDATE ledger_leaves SET hash = sha256('x') WHERE leaf = 1`);
    await write(1);
    await expect(createSealer(db, key).seal(100)).rejects.toThrow('is not the one that was signed');
    await expect(compareOutside(db, outside, { key, deep: true })).rejects.toThrow(
      'another checkpoint of 3 lines',
    );
  });

  test('a checkpoint that is taken away or changed there is said', async () => {
    await write(3);
    await sealAll();
    const file = join(folder, pathOfSize(3));
    writeFileSync(file, (await outside.get(3)).replaceAll('ledger', 'lodger'));
    await expect(compareOutside(db, outside, { key })).rejects.toThrow('not signed by');
    expect((await look()).flaws.map(({ kind }) => kind)).toContain('signature');
    rmSync(file);
    await expect(compareOutside(db, outside, { key })).rejects.toThrow('is not there any more');
    expect((await look()).flaws.map(({ kind }) => kind)).toContain('checkpoint');
  });
});

describe('the ledger in months', () => {
  test.each([
    [
      'a line is deleted',
      sql`DELETE FROM ledger WHERE seq = (SELECT max(seq) FROM ledger)`,
      'missing',
    ],
    [
      'a line is edited',
      sql`UPDATE ledger SET detail = jsonb_set(detail, '{third}', '0.6666666666666666666') WHERE detail ->> 'at' = '2'`,
      'edited',
    ],
    [
      'a time is edited by a microsecond',
      sql`UPDATE ledger SET at = at + interval '1 microsecond' WHERE detail ->> 'at' = '1'`,
      'edited',
    ],
    [
      'a null becomes a JSON null',
      sql`UPDATE ledger SET actual = 'null' WHERE detail ->> 'at' = '1'`,
      'edited',
    ],
    [
      'a line is inserted',
      sql`INSERT INTO ledger (seq, id, kind, says, at, recorded_at) VALUES (1, 'x', 'switch', 'x', now(), now() - interval '1 hour')`,
      'added',
    ],
  ])('%s by the owner of everything: it is found', async (_what, statement, kind) => {
    await write(4);
    await sealAll();
    await asOwner(statement);
    expect((await look()).flaws.map((flaw) => flaw.kind)).toContain(kind);
  });

  test('the same id is one line, whoever writes it again and in whatever month', async () => {
    const line = {
      id: 'the same',
      kind: 'switch',
      actor: 'belay',
      says: 'once',
      detail: {},
    } as const;
    await Promise.all([1, 2, 3, 4, 5].map(() => writeBareLine(db, line)));
    await sql`
      INSERT INTO ledger (id, kind, says, at, recorded_at)
      VALUES ('the same', 'switch', 'x', now(), now() - interval '70 days')`.execute(db);
    expect((await sql`SELECT FROM ledger`.execute(db)).rows).toHaveLength(1);
  });

  test('no month can be changed, emptied, or reached around the ledger', async () => {
    await write(1);
    const { rows } = await sql<{ month: string }>`
      SELECT tableoid::regclass::text AS month FROM ledger LIMIT 1`.execute(db);
    const month = sql.raw(rows[0]?.month ?? '');
    for (const deed of [
      sql`UPDATE ${month} SET says = ''`,
      sql`DELETE FROM ${month}`,
      sql`TRUNCATE ${month}`,
      sql`TRUNCATE ledger_other`,
    ])
      await expect(deed.execute(db)).rejects.toThrow('the ledger is insert-only');
    const own = openDb({ url: database.url, poolMax: 1 });
    try {
      await sql`SET ROLE belay_app`.execute(own);
      await write(1, own);
      for (const deed of [
        sql`SELECT FROM ${month}`,
        sql`INSERT INTO ledger_ids VALUES ('x')`,
        sql`INSERT INTO ledger_leaves VALUES (0, 1, sha256('x'))`,
      ])
        await expect(deed.execute(own)).rejects.toThrow('permission denied');
      await sql`SET ROLE belay_notary`.execute(own);
      expect((await createSealer(own, key).seal(10))?.lines).toBe(2);
      await expect(sql`DELETE FROM ledger_leaves`.execute(own)).rejects.toThrow(
        'permission denied',
      );
    } finally {
      await own.destroy();
    }
  });
});
