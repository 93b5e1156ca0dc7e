/** PostgreSQL counts what the guards go by; a storm is told to people once, and of many that ask at once one is the probe. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createTablePolicy } from '../../../activities/policy/source.js';
import { createStore, type Store } from '../../../activities/store/store.js';
import { notPassed } from '../../../workflows/gates/index.js';
import { minutes } from '../../../workflows/domain/time.js';
import { openTestDatabase, type TestDatabase } from '../../support/database.js';
import { guardsOf, type GuardsPlan } from '../../support/story/guards.js';
import { entry, judging, refOf } from '../contract/fixture.js';
import { anyServicePolicy } from './policy.js';
import { describeGuards, only, type GuardedStore } from './suite.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
}, 60_000);
afterAll(() => database.close());

/** Each test starts afresh; only a superuser can do this, by a session in which no trigger fires. */
async function emptied(): Promise<void> {
  await database.db.transaction().execute(async (own) => {
    await sql`SET LOCAL session_replication_role = replica`.execute(own);
    await sql`TRUNCATE ledger, ledger_ids, runs, notices, leases, quarantine, switches, admissions,
      fleet_storms`.execute(own);
  });
}

function storeOf(plan: GuardsPlan): Store {
  const policy = createTablePolicy(anyServicePolicy, 'digest');
  const { db } = database;
  return createStore({ db, policy, guards: guardsOf(plan), digestOf: () => 'digest' });
}

/** The database has its own clock: what happened is made older instead. */
async function later(durationMs: number): Promise<void> {
  const { db } = database;
  const by = sql`${durationMs} * interval '1 millisecond'`;
  await sql`UPDATE admissions SET at = at - ${by}`.execute(db);
  await sql`UPDATE fleet_storms SET since = since - ${by}`.execute(db);
  await sql`UPDATE runs SET opened_at = opened_at - ${by}, closed_at = closed_at - ${by},
    changed_at = changed_at - ${by}`.execute(db);
}

describeGuards('the guards on PostgreSQL', async (plan): Promise<GuardedStore> => {
  await emptied();
  const store = storeOf(plan);
  return { ...store, now: Date.now, later };
});

async function titles(): Promise<string[]> {
  const { rows } = await sql<{ title: string }>`
    SELECT title FROM notices ORDER BY created_at`.execute(database.db);
  return rows.map(({ title }) => title);
}

function asking(run: string, service = 'shop') {
  const ref = refOf(run, service);
  const nowMs = Date.now();
  const alert = { ...ref.alert, startsAt: new Date(nowMs).toISOString() };
  return judging(run, [`process:h/${run}`], { ...ref, alert, nowMs });
}

/** How many of so many that ask at once are let in. */
async function letIn(store: Store, runs: number): Promise<number> {
  const names = Array.from({ length: runs }, (_, nth) => `crowd-${nth}`);
  const judged = await Promise.all(names.map((run) => store.admit(asking(run))));
  return judged.filter(({ gates }) => notPassed(gates) === undefined).length;
}

test('of forty that ask at once an open breaker lets exactly one in once its while has passed', async () => {
  await emptied();
  const store = storeOf(only('breaker: { target: off, action: { failures: 2, retryAfter: 30m } }'));
  for (const run of ['r1', 'r2']) {
    await store.admit(asking(run));
    const atMs = Date.now();
    const undone = entry('undone: no', { kind: 'outcome', outcome: 'undone', atMs });
    const entries = [undone, entry('closed', { kind: 'closed', atMs })];
    await store.record({ ...refOf(run), entries, notices: [], release: true });
  }
  expect(await letIn(store, 10)).toBe(0);
  await later(minutes(31));
  expect(await letIn(store, 40)).toBe(1);
}, 60_000);

test('of forty that ask at once a storm that has just ended lets one in, and tells people once of both', async () => {
  await emptied();
  const rule =
    'storm: { above: 50%, endsAt: 25%, sickMin: 1, releasePerMinute: 1, releaseFor: 10m }';
  const store = storeOf(only(rule, 'shop: { zone: z }\ncart: { zone: z }\nmail: { zone: z }'));
  const says = async (run: string, service: string, kind: 'opened' | 'closed') => {
    const line = entry(`${run} ${kind}`, { kind, atMs: Date.now() });
    await store.record({ ...refOf(run, service), entries: [line], notices: [] });
  };
  await says('run-cart', 'cart', 'opened');
  await says('run-mail', 'mail', 'opened');
  expect(await letIn(store, 40)).toBe(0);
  await says('run-cart', 'cart', 'closed');
  await says('run-mail', 'mail', 'closed');
  expect(await letIn(store, 40)).toBe(1);
  const storms = (await titles()).filter((title) => title.startsWith('Storm in'));
  expect(storms).toEqual([
    'Storm in zone z',
    'Storm in the fleet',
    'Storm in zone z is over',
    'Storm in the fleet is over',
  ]);
}, 60_000);
