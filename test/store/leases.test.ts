/** Leases on a real PostgreSQL: exclusive, all or nothing, fenced, whoever asks at once. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sql } from 'kysely';
import { noGuards } from '../../activities/guards/source.js';
import { createTablePolicy } from '../../activities/policy/source.js';
import type { Db } from '../../activities/store/db.js';
import { listLeases } from '../../activities/store/read.js';
import { createStore, type Store } from '../../activities/store/store.js';
import { releaseLeases } from '../../activities/store/switches.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { judging, lastOf, policyTable, refOf } from './contract/fixture.js';

let database: TestDatabase;
let db: Db;
let store: Store;
beforeAll(async () => {
  database = await openTestDatabase();
  db = database.db;
  const policy = createTablePolicy(policyTable, 'digest');
  store = createStore({ db, policy, guards: noGuards, digestOf: () => 'digest' });
});
afterAll(() => database.close());

const by = { by: 'ana', why: 'test' };

describe('leases', () => {
  test('of fifty runs that want one target at once exactly one is admitted', async () => {
    const runs = Array.from({ length: 50 }, (_, at) => `crowd-${at}`);
    const judged = await Promise.all(
      runs.map((run) => store.admit(judging(run, ['process:h/one']))),
    );
    const passed = judged.filter((judgement) => lastOf(judgement)?.verdict.kind === 'pass');
    const busy = judged.filter((judgement) => lastOf(judgement)?.gate === 'lease');
    expect([passed.length, busy.length]).toEqual([1, 49]);
    const held = (await listLeases(db)).filter(({ target }) => target === 'process:h/one');
    expect(held).toHaveLength(1);
  });

  test('a later holder has a higher fence', async () => {
    const fenceOf = async () =>
      (await listLeases(db)).find(({ target }) => target === 'process:h/fence')?.fence ?? 0;
    await store.admit(judging('first', ['process:h/fence']));
    const first = await fenceOf();
    await store.record({ ...refOf('first'), entries: [], notices: [], release: true });
    await store.admit(judging('second', ['process:h/fence']));
    expect(await fenceOf()).toBeGreaterThan(first);
  });

  test('are all or nothing and exclusive, whatever a crowd asks for and gives back at once', async () => {
    const targets = ['process:p/a', 'process:p/b', 'process:p/c', 'process:p/d'];
    const wish = fc.record({
      run: fc.constantFrom('p1', 'p2', 'p3', 'p4', 'p5'),
      targets: fc.subarray(targets, { minLength: 1 }),
      gives: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(wish, { minLength: 2, maxLength: 12 }), async (wishes) => {
        await sql`DELETE FROM leases WHERE target LIKE 'process:p/%'`.execute(db);
        const firsts = [...new Map(wishes.map((one) => [one.run, one])).values()];
        const admitted = await Promise.all(
          firsts.map(async (one) => {
            const judgement = await store.admit(judging(one.run, one.targets));
            const passed = lastOf(judgement)?.verdict.kind === 'pass';
            if (passed && one.gives)
              await store.record({ ...refOf(one.run), entries: [], notices: [], release: true });
            return { ...one, holds: passed && !one.gives };
          }),
        );
        const expected = admitted
          .filter(({ holds }) => holds)
          .flatMap((one) => one.targets.map((target) => `${target} ${one.run}`));
        const held = (await listLeases(db)).filter(({ target }) => target.startsWith('process:p/'));
        expect(held.map(({ target, holder }) => `${target} ${holder}`).toSorted()).toEqual(
          expected.toSorted(),
        );
      }),
      { numRuns: 40 },
    );
  });

  test('of a run that was terminated are given back by a person, with a ledger line', async () => {
    await store.admit(judging('gone', ['process:h/gone']));
    await releaseLeases(db, 'gone', by);
    expect((await listLeases(db)).some(({ holder }) => holder === 'gone')).toBe(false);
    await expect(releaseLeases(db, 'gone', by)).rejects.toThrow('run gone holds no lease');
  });
});
