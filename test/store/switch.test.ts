/** The switch on a real PostgreSQL: heard at once wherever it is turned, by SQL and a file too, and lifted by as many as the rule wants. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import pg from 'pg';
import { callsOf, claimTtlMs, type CallFunction } from '../../activities/effects.js';
import { implementAction, type EffectContext } from '../../activities/adapter.js';
import { createOperations } from '../../activities/store/operations.js';
import { listResumeRequests, listSwitches } from '../../activities/store/read.js';
import { resume, setResumeRules } from '../../activities/store/resume.js';
import { readStopFile } from '../../activities/store/stop-file.js';
import { knownForMs, watchSwitch, type SwitchWatch } from '../../activities/store/stop-watch.js';
import { stop } from '../../activities/store/switches.js';
import { defineAction } from '../../workflows/actions/action.js';
import { Failure } from '../../workflows/domain/failure.js';
import { minutes } from '../../workflows/domain/time.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let folder: string;
let watch: SwitchWatch;
const ana = { by: 'ana', why: 'fire drill' };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-stop-'));
  watch = await watchSwitch({ url: database.url, file: join(folder, 'stop') });
});
afterEach(async () => {
  await watch.stop();
  await rm(folder, { recursive: true, force: true });
  for (const table of ['switches', 'resume_rules', 'resume_requests'])
    await sql`DELETE FROM ${sql.table(table)}`.execute(database.db);
});

/** Milliseconds until the watch says so; throws after five seconds. */
async function heardWithin(isSo: () => boolean): Promise<number> {
  const startMs = performance.now();
  while (!isSo()) {
    if (performance.now() > startMs + 5_000) throw new Error('it was not heard');
    await pause(2);
  }
  return performance.now() - startMs;
}

const isStopped = (...scopes: string[]): boolean => watch.wordOn(scopes) !== undefined;
const shop = 'service:shop';

async function switchLines(): Promise<string[]> {
  const { rows } = await sql<{ says: string }>`
    SELECT says FROM ledger WHERE kind = 'switch' ORDER BY seq DESC LIMIT 3`.execute(database.db);
  return rows.map(({ says }) => says);
}

describe('a stop is heard by a worker that asks nobody', () => {
  test('within a second of its turn, only in its scope, and no longer after it is resumed', async () => {
    expect(isStopped(shop)).toBe(false);
    await stop(database.db, shop, ana);
    expect(await heardWithin(() => isStopped(shop))).toBeLessThan(1_000);
    expect(watch.wordOn([shop])).toEqual({
      why: 'ana stopped service:shop: fire drill',
      isRead: true,
    });
    expect(isStopped('service:cart')).toBe(false);
    await resume(database.db, shop, ana);
    expect(await heardWithin(() => !isStopped(shop))).toBeLessThan(1_000);
  });

  test('a stop of everything covers what has no scope', async () => {
    await stop(database.db, 'everything', ana);
    await heardWithin(() => isStopped());
  });

  test('when the notice never comes: the switches are read twice a second anyway', async () => {
    await sql`ALTER TABLE switches DISABLE TRIGGER switches_turned`.execute(database.db);
    await stop(database.db, shop, ana);
    expect(await heardWithin(() => isStopped(shop))).toBeLessThan(1_000);
    await sql`ALTER TABLE switches ENABLE TRIGGER switches_turned`.execute(database.db);
  });

  test('when its connection is cut: it comes back by itself and hears the next', async () => {
    await sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'belay-switch'`.execute(
      database.db,
    );
    await stop(database.db, shop, ana);
    await heardWithin(() => isStopped(shop));
    expect(watch.wordOn([shop])?.isRead).toBe(true);
  });

  test('what could not be read for as long as a claim lasts is stopped', async () => {
    const lost = await watchSwitch({
      url: 'postgres://nobody:wrong@127.0.0.1:1/none',
      file: join(folder, 'stop'),
    });
    const word = lost.wordOn([shop]);
    await lost.stop();
    expect(word?.isRead).toBe(false);
    expect(knownForMs).toBe(claimTtlMs);
  });

  test('a worker whose switch goes unreadable stops when what it knew has grown old, and goes on once it can read', async () => {
    await sql`ALTER TABLE switches RENAME TO switches_away`.execute(database.db);
    try {
      await heardWithin(() => isStopped(shop));
      expect(watch.wordOn([shop])?.isRead).toBe(false);
      expect(watch.wordOn([shop])?.why).toContain('could not be read');
    } finally {
      await sql`ALTER TABLE switches_away RENAME TO switches`.execute(database.db);
    }
    await heardWithin(() => !isStopped(shop));
  }, 20_000);
});

describe('a file stops', () => {
  const file = () => join(folder, 'stop');

  test('everything by its existence, within a second, and nothing once it is gone', async () => {
    await writeFile(file(), '');
    expect(await heardWithin(() => isStopped(shop))).toBeLessThan(1_000);
    expect(watch.fileOrders()).toMatchObject({ known: true, value: [{ scope: 'everything' }] });
    await rm(file());
    expect(await heardWithin(() => !isStopped(shop))).toBeLessThan(1_000);
  });

  test('only what its lines name', async () => {
    await writeFile(file(), '# deploy until noon\nservice:shop\n\n');
    await heardWithin(() => isStopped(shop));
    expect(isStopped('service:cart')).toBe(false);
  });

  test.each([
    ['a line that names no scope', () => writeFile(file(), 'the shop please')],
    ['a folder of its name', () => mkdir(file())],
    ['more text than anybody writes', () => writeFile(file(), 'service:cart\n'.repeat(10_000))],
    ['a folder that went away', () => rm(folder, { recursive: true })],
  ])('everything, when it cannot be understood: %s', async (_, spoil) => {
    await spoil();
    expect(await readStopFile(file())).toMatchObject([{ scope: 'everything', by: 'a file' }]);
    await heardWithin(() => isStopped(shop));
  });
});

describe('SQL stops', () => {
  const asWho = async (statement: string, user?: string): Promise<void> => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      if (user !== undefined) await client.query(`SET ROLE ${user}`);
      await client.query(statement);
    } finally {
      await client.end();
    }
  };

  test('with belay_stop, heard and in the ledger like every other', async () => {
    await asWho(`SELECT belay_stop('service:shop', 'ben', 'wrong restarts')`);
    expect(await heardWithin(() => isStopped(shop))).toBeLessThan(1_000);
    expect(await listSwitches(database.db)).toMatchObject([{ scope: shop, by: 'ben' }]);
    expect(await switchLines()).toContain('ben stopped service:shop: wrong restarts');
    await asWho(`SELECT belay_stop()`);
    await heardWithin(() => isStopped('service:cart'));
  });

  test('a misspelt scope is an error that lists the forms, and stops nothing', async () => {
    await expect(asWho(`SELECT belay_stop('servce:shop')`)).rejects.toMatchObject({
      message: '"servce:shop" is no scope',
      hint: expect.stringContaining('service:<name>'),
    });
    expect(await listSwitches(database.db)).toEqual([]);
  });

  test('for a role that was granted the function and no table, and for no other', async () => {
    const role = `stopper_${process.pid}`;
    await asWho(`CREATE ROLE ${role}`);
    try {
      await expect(asWho(`SELECT belay_stop()`, role)).rejects.toThrow('permission denied');
      await asWho(`GRANT EXECUTE ON FUNCTION belay_stop TO ${role}`);
      await asWho(`CREATE TEMP TABLE switches (scope text); SELECT belay_stop()`, role);
      expect(await listSwitches(database.db)).toMatchObject([{ scope: 'everything' }]);
      await expect(asWho(`DELETE FROM switches`, role)).rejects.toThrow('permission denied');
    } finally {
      await asWho(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    }
  });
});

describe('where a rule asks for two people', () => {
  const rule = { approvalsMin: 2, withinMs: minutes(15) };
  const ben = { by: 'ben', why: 'fixed' };
  beforeEach(() => setResumeRules(database.db, { everything: rule }));

  test('the first to resume is recorded and the second, another, resumes; each is a ledger line', async () => {
    await stop(database.db, 'everything', ana);
    expect(await resume(database.db, 'everything', ana)).toMatchObject({
      state: 'asked',
      people: ['ana'],
    });
    expect(await listSwitches(database.db)).toHaveLength(1);
    expect(await listResumeRequests(database.db)).toMatchObject([{ person: 'ana' }]);
    expect(await resume(database.db, 'everything', ben)).toEqual({
      state: 'resumed',
      people: ['ana', 'ben'],
    });
    expect(await listSwitches(database.db)).toEqual([]);
    const [resumed, asked] = await switchLines();
    expect(resumed).toBe('ana and ben resumed everything: fixed');
    expect(asked).toMatch(/^ana asked to resume everything: fire drill; 1 more must ask by /);
  });

  test.each(['ana', ' Ana ', 'ANA'])(
    'one person alone does not resume, by whatever spelling: %s',
    async (by) => {
      await stop(database.db, 'everything', ana);
      await resume(database.db, 'everything', ana);
      expect(await resume(database.db, 'everything', { ...ana, by })).toMatchObject({
        state: 'asked',
      });
      expect(await listSwitches(database.db)).toHaveLength(1);
    },
  );

  test('of two who ask at the same instant exactly one resumes', async () => {
    await stop(database.db, 'everything', ana);
    const states = await Promise.all([
      resume(database.db, 'everything', ana),
      resume(database.db, 'everything', ben),
    ]);
    expect(states.map(({ state }) => state).toSorted()).toEqual(['asked', 'resumed']);
  });

  test('a request that is too old counts for nothing', async () => {
    await stop(database.db, 'everything', ana);
    await resume(database.db, 'everything', ana);
    await sql`UPDATE resume_requests SET at = at - interval '16 minutes'`.execute(database.db);
    expect(await resume(database.db, 'everything', ben)).toMatchObject({
      state: 'asked',
      people: ['ben'],
    });
  });

  test('asking again does not make a request younger', async () => {
    await stop(database.db, 'everything', ana);
    const first = await resume(database.db, 'everything', ana);
    const again = await resume(database.db, 'everything', ana);
    expect(again).toEqual(first);
  });

  test('a stop after the request makes it worthless: who asked has not seen it', async () => {
    await stop(database.db, 'everything', ana);
    await resume(database.db, 'everything', ben);
    await stop(database.db, 'everything', { by: 'cleo', why: 'still wrong' });
    expect(await resume(database.db, 'everything', ana)).toMatchObject({
      state: 'asked',
      people: ['ana'],
    });
  });

  test('a scope that the rule does not name is resumed by one', async () => {
    await stop(database.db, shop, ana);
    expect(await resume(database.db, shop, ana)).toMatchObject({ state: 'resumed' });
  });

  test('the rules are written once, with a ledger line when they change', async () => {
    expect(await setResumeRules(database.db, { everything: rule })).toBe('as-before');
    expect(await setResumeRules(database.db, {})).toBe('changed');
    expect((await switchLines())[0]).toBe('people it takes to resume: one everywhere');
  });
});

describe('an effect under way', () => {
  const limits = { timeoutMs: 10_000, attemptsMax: 1 };
  const drain = defineAction<{ what: string }, number>({
    name: 'fleet.drain',
    class: 'drain',
    reversal: 'undo',
    target: ({ what }) => what,
    describe: ({ what }) => `drain ${what}`,
    resource: 'none',
    reading: limits,
    changing: limits,
  });

  let enough = false;
  beforeEach(() => {
    enough = false;
  });

  /** Changes something every ten milliseconds, for ten seconds; it may only be stopped. */
  function draining(changes: number[]): ReadonlyMap<string, CallFunction> {
    const work = async (context: EffectContext): Promise<number> => {
      for (let change = 0; change < 1_000 && !enough; change += 1) {
        context.requireClaim();
        changes.push(performance.now());
        await pause(10);
      }
      return changes.length;
    };
    const adapter = implementAction(drain, {
      look: () => Promise.resolve(0),
      plan: () => 1_000,
      apply: (_, context) => work(context),
      verify: () => Promise.resolve({ well: true, seen: '' }),
      undo: (_, context) => work(context),
    });
    return callsOf([adapter], createOperations(database.db), { watch });
  }

  const begin = (part: 'apply' | 'undo', changes: number[], run: string): Promise<Failure> => {
    const call = draining(changes).get(`fleet.drain.${part}`);
    if (call === undefined) throw new Error('it is not implemented');
    let renew = (): Promise<boolean> => Promise.resolve(true);
    const alive = (ask: () => Promise<boolean>) => {
      renew = ask;
    };
    const beating = setInterval(() => void renew(), 500);
    const context = { signal: new AbortController().signal, alive };
    return call({ operationId: `${run}/drain` } as never, context)
      .then(
        () => new Failure('failed', 'it came to its end'),
        (thrown: unknown) => thrown as Failure,
      )
      .finally(() => clearInterval(beating));
  };

  test('makes no further change within a second of the stop, and says that it cannot tell what it came to', async () => {
    const changes: number[] = [];
    const ends = begin('apply', changes, 'long');
    await heardWithin(() => changes.length > 5);
    await stop(database.db, 'class:drain', ana);
    const stoppedAtMs = performance.now();
    const failure = await ends;
    expect(failure).toMatchObject({
      kind: 'unknown',
      message: 'ana stopped class:drain: fire drill',
    });
    expect((changes.at(-1) ?? Infinity) - stoppedAtMs).toBeLessThan(1_000);
  });

  test('is not touched by a stop of something else', async () => {
    const changes: number[] = [];
    const ends = begin('apply', changes, 'other');
    await heardWithin(() => changes.length > 5);
    await stop(database.db, 'class:restart', ana);
    await pause(200);
    const before = changes.length;
    await heardWithin(() => changes.length > before + 5);
    await stop(database.db, 'everything', ana);
    await ends;
  });

  test('hears of a stop of its service, which only the store knows', async () => {
    await sql`
      INSERT INTO runs (run, runbook, service, environment, trigger, alert, state)
      VALUES ('known', 'r', 'shop', 'demo', 'alert', '{}', 'performing')`.execute(database.db);
    const changes: number[] = [];
    const ends = begin('apply', changes, 'known');
    await heardWithin(() => changes.length > 5);
    await stop(database.db, shop, ana);
    expect(await ends).toMatchObject({ kind: 'unknown' });
  });

  test('begins nothing while a file stops it, and has then changed nothing', async () => {
    await writeFile(join(folder, 'stop'), '');
    await heardWithin(() => isStopped());
    const changes: number[] = [];
    expect(await begin('apply', changes, 'filed')).toMatchObject({ kind: 'refused' });
    expect(changes).toEqual([]);
  });

  test('an undo goes on to its end: what was half done is taken back, stop or no stop', async () => {
    await stop(database.db, 'everything', ana);
    await heardWithin(() => isStopped());
    const changes: number[] = [];
    const ends = begin('undo', changes, 'taken-back');
    await heardWithin(() => changes.length > 20);
    enough = true;
    expect((await ends).message).toBe('it came to its end');
  });
});
