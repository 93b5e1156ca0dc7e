/** The backlog of a flood on a real PostgreSQL: everything is kept, moved once whoever moves it, and what is refused holds up nothing. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createBacklog } from '../../activities/store/backlog.js';
import type { Backlog } from '../../activities/store/backlog.js';
import { createDeadLetters } from '../../activities/store/dead-letters.js';
import type { Db } from '../../activities/store/db.js';
import { createInbox } from '../../activities/store/inbox.js';
import { createReception } from '../../activities/store/reception.js';
import { openTestDatabase } from '../support/database.js';
import type { TestDatabase } from '../support/database.js';
import { alertLike, notedRuns, startDispatching } from '../support/dispatching.js';
import type { Dispatching, NotedRuns } from '../support/dispatching.js';
import { emptied, eventually, rowsOf } from '../support/intake.js';

let database: TestDatabase;
let db: Db;
let backlog: Backlog;
let runs: NotedRuns;
const open: Dispatching[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
  db = database.db;
  backlog = createBacklog({ db, deadLetters: createDeadLetters(db, { onLost: () => undefined }) });
});

afterAll(() => database.close());

beforeEach(async () => {
  await emptied(db);
  await sql`DELETE FROM inbox_backlog`.execute(db);
  await sql`DELETE FROM dead_letters`.execute(db);
  runs = notedRuns(db, () => 'closed');
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.stop()));
});

function begin(): Dispatching {
  const one = startDispatching({ db, runs });
  open.push(one);
  return one;
}

const firings = (count: number, mark = 'of') =>
  Array.from({ length: count }, (_, n) => alertLike({ fingerprint: `${mark}-${n}` }));
const resolvedOf = (fingerprint: string) =>
  alertLike({ fingerprint, endsAt: '2026-11-21T01:05:00Z' });

async function backlogCount(): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT coalesce(sum(count), 0)::int AS count FROM inbox_backlog`.execute(db);
  return rows[0]?.count ?? -1;
}

describe('what is received', () => {
  test('has its row at once while it is little, and is kept in the backlog when it is much', async () => {
    const reception = createReception({ db, backlog, inboxMax: 64 });
    expect(await reception.receive(firings(64))).toMatchObject({ where: 'inbox' });
    expect([await backlogCount(), (await rowsOf(db)).length]).toEqual([0, 64]);
    expect(await reception.receive(firings(65, 'more'))).toEqual({ where: 'backlog' });
    expect([await backlogCount(), (await rowsOf(db)).length]).toEqual([65, 64]);
  });

  test('together counts as much, though each request is small', async () => {
    const reception = createReception({ db, backlog, inboxMax: 64 });
    const all = await Promise.all(
      Array.from({ length: 30 }, (_, n) => reception.receive(firings(10, `of-${n}`))),
    );
    const late = all.filter(({ where }) => where === 'backlog').length;
    expect(late).toBeGreaterThan(0);
    expect((await backlogCount()) + (await rowsOf(db)).length).toBe(300);
    expect(await backlogCount()).toBe(10 * late);
  });

  test('counts as waiting, with the age of the oldest', async () => {
    await backlog.keep(firings(3));
    await sql`UPDATE inbox_backlog SET received_at = clock_timestamp() - interval '1 minute'`.execute(
      db,
    );
    const { pending, oldestMs } = await createInbox(db).size();
    expect(pending).toBe(3);
    expect(oldestMs).toBeGreaterThanOrEqual(60_000);
  });
});

describe('unpacking', () => {
  test('moves every alert, with the instant at which it was acknowledged, and answers with what is new', async () => {
    await createInbox(db).add(firings(10));
    await backlog.keep(firings(1_200));
    await sql`UPDATE inbox_backlog SET received_at = '2026-11-21T01:03:50Z'`.execute(db);
    const turns: number[] = [];
    const fresh: string[] = [];
    for (;;) {
      const unpacked = await backlog.unpack();
      if (unpacked.length === 0) break;
      turns.push(unpacked.length);
      for (const { alert, taken } of unpacked) if (taken.isNew) fresh.push(alert.fingerprint);
      expect(unpacked[0]?.receivedAtMs).toBe(Date.parse('2026-11-21T01:03:50Z'));
    }
    expect(turns).toEqual([1_000, 200]);
    expect(new Set(fresh).size).toBe(1_190);
    const rows = await rowsOf(db);
    expect([rows.length, rows.filter(({ repeats }) => repeats === 1).length]).toEqual([1_200, 10]);
    expect(await backlogCount()).toBe(0);
    const { rows: received } = await sql<{ count: number }>`
      SELECT count(*)::int AS count FROM inbox WHERE received_at = '2026-11-21T01:03:50Z'`.execute(
      db,
    );
    expect(received).toEqual([{ count: 1_190 }]);
  });

  test('is done once, however many are at it', async () => {
    for (let part = 0; part < 8; part += 1) await backlog.keep(firings(500, `part-${part}`));
    const moved = await Promise.all(Array.from({ length: 6 }, () => backlog.unpack()));
    for (;;) {
      const rest = await backlog.unpack();
      if (rest.length === 0) break;
      moved.push(rest);
    }
    const all = moved.flat().map(({ taken }) => taken);
    expect(all.every(({ isNew }) => isNew)).toBe(true);
    expect(new Set(all.map(({ id }) => id)).size).toBe(4_000);
  });

  test('that fails moves nothing', async () => {
    await backlog.keep(firings(20));
    await sql`ALTER TABLE inbox RENAME TO inbox_away`.execute(db);
    try {
      await expect(backlog.unpack()).rejects.toThrow(/inbox/);
    } finally {
      await sql`ALTER TABLE inbox_away RENAME TO inbox`.execute(db);
    }
    expect(await backlogCount()).toBe(20);
    expect(await backlog.unpack()).toHaveLength(20);
  });

  test('makes a dead letter of an alert that the inbox refuses, and takes the others', async () => {
    const refused = alertLike({ fingerprint: 'refused' });
    await sql`ALTER TABLE inbox ADD CONSTRAINT not_this_one CHECK (fingerprint <> 'refused')`.execute(
      db,
    );
    try {
      await backlog.keep([...firings(5), refused, ...firings(5, 'more')]);
      expect(await backlog.unpack()).toHaveLength(10);
    } finally {
      await sql`ALTER TABLE inbox DROP CONSTRAINT not_this_one`.execute(db);
    }
    const letters = await db.selectFrom('dead_letters').select(['source', 'why', 'body']).execute();
    expect(letters).toHaveLength(1);
    expect(letters[0]?.why).toContain('not_this_one');
    expect(JSON.parse(String(letters[0]?.body))).toMatchObject({ fingerprint: 'refused' });
    expect(await backlogCount()).toBe(0);
  });
});

describe('through the backlog', () => {
  test('each of a thousand firings begins its run once', async () => {
    const intake = begin();
    await intake.take(...firings(1_000));
    await eventually(
      () => Promise.resolve(new Set(runs.started.map(({ run }) => run)).size),
      (count) => count === 1_000,
    );
    expect(runs.started).toHaveLength(1_000);
  });

  test('a resolution that overtakes its firing leaves nothing to begin', async () => {
    await backlog.keep(firings(100));
    await createInbox(db).add([resolvedOf('of-7')]);
    begin();
    await eventually(
      () => Promise.resolve(runs.started.length),
      (count) => count >= 99,
    );
    const rows = await eventually(
      () => rowsOf(db),
      (all) => all.every(({ state }) => state !== 'pending'),
    );
    expect(rows.find((row) => row.fingerprint === 'of-7' && row.status === 'firing')?.run).toBe(
      null,
    );
    expect(runs.started.map(({ fingerprint }) => fingerprint)).not.toContain('of-7');
  });
});
