/** What only a real PostgreSQL can show: the ledger is insert-only, leases are exclusive, hostile text does no harm. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { noGuards } from '../../activities/guards/source.js';
import { createTablePolicy } from '../../activities/policy/source.js';
import { openDb, type Db } from '../../activities/store/db.js';
import { migrate } from '../../activities/store/migrate.js';
import {
  getRun,
  inboxCounts,
  ledgerAfter,
  ledgerOf,
  listRuns,
  runsBeginning,
} from '../../activities/store/read.js';
import { createStore, type Store } from '../../activities/store/store.js';
import { resume } from '../../activities/store/resume.js';
import { releaseTarget, stop } from '../../activities/store/switches.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { entry, judging, lastOf, policyTable, refOf } from './contract/fixture.js';

let database: TestDatabase;
let db: Db;
let store: Store;
beforeAll(async () => {
  database = await openTestDatabase();
  db = database.db;
  const policy = createTablePolicy(policyTable, 'digest');
  store = createStore({
    db,
    policy,
    guards: noGuards,
    digestOf: (runbook) => `digest-of-${runbook}`,
  });
});
afterAll(() => database.close());

const by = { by: 'ana', why: 'test' };

describe('the ledger is insert-only', () => {
  test.each([
    ['UPDATE', "UPDATE ledger SET says = 'nothing happened'"],
    ['DELETE', 'DELETE FROM ledger'],
    ['TRUNCATE', 'TRUNCATE ledger'],
  ])('%s is refused, even to its owner', async (operation, statement) => {
    await store.record({ ...refOf('kept'), entries: [entry('kept')], notices: [] });
    const tried = sql.raw(statement).execute(db);
    await expect(tried).rejects.toThrow(`the ledger is insert-only: ${operation} refused`);
    expect(await ledgerOf(db, 'kept')).toHaveLength(1);
  });

  test('the role of the processes may add and read, and has no right to change', async () => {
    const own = openDb({ url: database.url, poolMax: 1 });
    try {
      await sql`SET ROLE belay_app`.execute(own);
      const as = createStore({
        db: own,
        guards: noGuards,
        policy: createTablePolicy(policyTable, 'd'),
        digestOf: () => 'd',
      });
      await as.record({ ...refOf('by-role'), entries: [entry('a')], notices: [] });
      expect(lastOf(await as.admit(judging('by-role', ['process:h/role'])))?.verdict.kind).toBe(
        'pass',
      );
      expect(await ledgerOf(own, 'by-role')).toHaveLength(2);
      await expect(sql`DELETE FROM ledger`.execute(own)).rejects.toThrow('permission denied');
      await expect(sql`ALTER TABLE ledger DISABLE TRIGGER ALL`.execute(own)).rejects.toThrow(
        'must be owner',
      );
    } finally {
      await own.destroy();
    }
  });
});

test('two processes may migrate at once, and again', async () => {
  await sql`CREATE DATABASE twice`.execute(db);
  const url = Object.assign(new URL(database.url), { pathname: '/twice' }).toString();
  const processes = [openDb({ url }), openDb({ url })];
  try {
    const ran = await Promise.all(processes.map((process) => migrate(process)));
    const names = ran.flat();
    expect(names).toContain('0001-ledger');
    expect(new Set(names).size).toBe(names.length);
    expect(await migrate(db)).toEqual([]);
  } finally {
    await Promise.all(processes.map((process) => process.destroy()));
    await sql`DROP DATABASE twice WITH (FORCE)`.execute(db);
  }
});

test('a busy database is asked again instead of counting as a no: the call throws', async () => {
  const crowded = openDb({ url: database.url, poolMax: 1 });
  const own = createStore({
    db: crowded,
    guards: noGuards,
    policy: createTablePolicy(policyTable, 'd'),
    digestOf: () => 'd',
  });
  try {
    await sql`SET lock_timeout = '50ms'`.execute(crowded);
    await db.transaction().execute(async (transaction) => {
      await sql`LOCK TABLE switches IN ACCESS EXCLUSIVE MODE`.execute(transaction);
      await expect(own.admit(judging('hurried', ['process:h/z']))).rejects.toThrow('lock timeout');
      await expect(own.consider(judging('hurried', ['process:h/z']))).rejects.toThrow(
        'lock timeout',
      );
    });
    expect(lastOf(await own.admit(judging('hurried', ['process:h/z'])))?.verdict.kind).toBe('pass');
  } finally {
    await crowded.destroy();
  }
});

describe('switches', () => {
  test('every stop, resume and release is a ledger line with who and why', async () => {
    const [before] = (await ledgerAfter(db, 0, 1000)).slice(-1);
    await stop(db, 'service:till', { by: 'ana', why: 'deploy' });
    await stop(db, 'service:till', { by: 'ana', why: 'deploy' });
    await resume(db, 'service:till', { by: 'ben', why: 'done' });
    const quarantine = { targets: ['process:h/q'], why: 'undo failed' };
    await store.record({ ...refOf('q'), entries: [], notices: [], quarantine });
    await releaseTarget(db, 'process:h/q', { by: 'ben', why: 'looked at it' });
    const lines = await ledgerAfter(db, before?.seq ?? 0);
    expect(lines.map(({ kind, actor, says }) => [kind, actor, says])).toEqual([
      ['switch', 'person:ana', 'ana stopped service:till: deploy'],
      ['switch', 'person:ana', 'ana stopped service:till: deploy'],
      ['switch', 'person:ben', 'ben resumed service:till: done'],
      ['switch', 'person:ben', 'ben released process:h/q: looked at it'],
    ]);
  });

  test('a scope that is none, and a resume or release of what is not stopped, are errors that say so', async () => {
    await expect(stop(db, 'all', by)).rejects.toThrow(
      '"all" is no scope; a scope is everything, service:<name>',
    );
    await stop(db, 'service:till', by);
    await expect(resume(db, 'service:shop', by)).rejects.toThrow(
      'service:shop is not stopped; stopped are: service:till',
    );
    await resume(db, 'service:till', by);
    await expect(releaseTarget(db, 'process:h/x', by)).rejects.toThrow(
      'process:h/x is not quarantined',
    );
  });
});

describe('the list of runs', () => {
  const states = async (run: string) => (await getRun(db, run))?.state;
  const write = (run: string, ...entries: Parameters<typeof entry>[]) =>
    store.record({
      ...refOf(run),
      entries: entries.map(([says, also]) => entry(says, also)),
      notices: [],
    });

  test('follows the ledger from opened to closed', async () => {
    const seen: (string | undefined)[] = [];
    const steps: Parameters<typeof entry>[] = [
      ['opens', { kind: 'opened' }],
      ['plan', { kind: 'proposal', detail: { planHash: 'cd'.repeat(32) } }],
      ['asks', { kind: 'escalation', level: 3 }],
      ['acts', { kind: 'intent', detail: { operation: 'r/step' } }],
      ['looks', { kind: 'confirmation' }],
      ['takes back', { kind: 'intent', detail: { operation: 'r/step/undo' } }],
      ['undone: no use', { kind: 'outcome', outcome: 'undone', reason: 'not-confirmed' }],
      ['closed', { kind: 'closed', outcome: 'undone' }],
    ];
    for (const step of steps) {
      await write('story', step);
      seen.push(await states('story'));
    }
    expect(seen).toEqual([
      'proposing',
      'proposing',
      'waiting',
      'performing',
      'confirming',
      'unwinding',
      'watching',
      'closed',
    ]);
    expect(await getRun(db, 'story')).toMatchObject({
      runbook: 'restart-service',
      service: 'shop',
      level: 3,
      plan_hash: 'cd'.repeat(32),
      outcome: 'undone',
      reason: 'not-confirmed',
      why: 'undone: no use',
      alert: { name: 'ServiceDown' },
    });
  });

  test('learns nothing from a line that is written a second time', async () => {
    const opened: Parameters<typeof entry> = ['opens', { kind: 'opened' }];
    await write('late', opened, ['asks', { kind: 'escalation' }]);
    await write('late', opened);
    expect(await states('late')).toBe('waiting');
    expect((await listRuns(db, { waiting: true })).map(({ run }) => run)).toContain('late');
    expect(await runsBeginning(db, 'la')).toEqual(['late']);
    expect(await runsBeginning(db, '%')).toEqual([]);
  });

  test('counts the inbox by state', async () => {
    expect(await inboxCounts(db)).toEqual({
      pending: 0,
      dispatched: 0,
      unmatched: 0,
      unparsed: 0,
      dead: 0,
      dropped: 0,
    });
  });
});

describe('hostile text', () => {
  test.each([
    ['NUL', 'a\0b', 'a\uFFFDb'],
    ['half a surrogate pair', 'a\uD800b', 'a\uFFFDb'],
    ['a whole pair and an escape in words', '😀 \\u0000', '😀 \\u0000'],
    ['SQL', "'; DROP TABLE ledger; --", "'; DROP TABLE ledger; --"],
  ])('%s is stored and jams nothing', async (name, text, stored) => {
    const ref = refOf(`hostile ${name}`);
    const alert = { ...ref.alert, labels: { [text]: text } };
    const says = [entry(text, { detail: { [text]: [text] } })];
    await store.record({
      ...ref,
      alert,
      entries: says,
      notices: [{ to: text, urgency: 'tell', title: text, text }],
    });
    expect((await ledgerOf(db, ref.run))[0]).toMatchObject({
      says: stored,
      detail: { [stored]: [stored] },
    });
    expect((await getRun(db, ref.run))?.alert.labels).toEqual({ [stored]: stored });
  });

  test('one record the database refuses does not fail those beside it', async () => {
    const good = store.record({ ...refOf('beside'), entries: [entry('good')], notices: [] });
    const bad = store.record({
      ...refOf('bad'),
      entries: [entry('bad', { level: 9 as never })],
      notices: [],
    });
    await expect(bad).rejects.toThrow('ledger_level_check');
    await good;
    expect(await ledgerOf(db, 'beside')).toHaveLength(1);
  });
});
