/** In which order a storm lets go, on a real PostgreSQL: what matters most first, and of equals the oldest. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createInbox } from '../../activities/store/inbox.js';
import { createStorms, type StormKnowledge } from '../../activities/store/storms.js';
import { overdueBy } from '../../workers/intake/overdue.js';
import { createServiceTiers } from '../../workers/intake/service-tiers.js';
import type { Tier } from '../../workflows/domain/entry.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { alertLike } from '../support/dispatching.js';
import { emptied, quietLog, temporaryFolder } from '../support/intake.js';

const settings = { firingsMax: 5, withinMs: 60_000, startsPerSecond: 3, openRunsMax: 100 };
let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

beforeEach(async () => {
  await emptied(database.db);
  await sql`DELETE FROM storms`.execute(database.db);
});

const tiers = new Map<string, Tier>([
  ['mail', 'info'],
  ['shop', 'critical'],
  ['cart', 'warning'],
  ['pay', 'critical'],
  ['idle', 'critical'],
]);

const tiersOf = () => Promise.resolve(tiers);

/** The fingerprints that were let go, turn by turn; each turn's runs are over before the next one. */
async function turns(knowledge: StormKnowledge = {}): Promise<string[][]> {
  const { db } = database;
  const storms = createStorms(db, settings, knowledge);
  await storms.look();
  const went: string[][] = [];
  for (let turn = 0; turn < 20; turn += 1) {
    await sql`UPDATE storm_pace SET turned_at = '-infinity'`.execute(db);
    await storms.turn();
    const { rows } = await sql<{ fingerprint: string }>`
      UPDATE inbox SET hold = NULL, state = 'dispatched' WHERE hold = 'let-go' RETURNING fingerprint`.execute(
      db,
    );
    if (rows.length > 0) went.push(rows.map(({ fingerprint }) => fingerprint).toSorted());
  }
  return went;
}

/** Named after their service and in the order in which they came. */
async function arrive(...services: readonly string[]): Promise<void> {
  const inbox = createInbox(database.db);
  const counts = new Map<string, number>();
  for (const service of services) {
    const count = (counts.get(service) ?? 0) + 1;
    counts.set(service, count);
    await inbox.add([alertLike({ fingerprint: `${service}-${count}`, service })]);
  }
}

const mixed = ['mail', 'who', 'cart', 'shop', 'who', 'pay', 'cart', 'mail', 'shop', 'pay', 'shop'];

test('critical services go first, then warning, info and those without a tier; of equals the oldest', async () => {
  await arrive(...mixed);
  expect(await turns({ tiersOf })).toEqual([
    ['pay-1', 'shop-1', 'shop-2'],
    ['cart-1', 'pay-2', 'shop-3'],
    ['cart-2', 'mail-1', 'mail-2'],
    ['who-1', 'who-2'],
  ]);
});

test('without tiers the oldest goes first', async () => {
  await arrive(...mixed);
  expect(await turns()).toEqual([
    ['cart-1', 'mail-1', 'who-1'],
    ['pay-1', 'shop-1', 'who-2'],
    ['cart-2', 'mail-2', 'shop-2'],
    ['pay-2', 'shop-3'],
  ]);
});

test('what resolved while it was held is passed over, whatever its tier', async () => {
  await arrive(...mixed);
  const inbox = createInbox(database.db);
  for (const fingerprint of ['shop-1', 'pay-1']) {
    await inbox.add([alertLike({ fingerprint, service: 'shop', endsAt: '2026-11-21T01:05:00Z' })]);
  }
  await sql`UPDATE inbox SET next_attempt_at = now() WHERE status = 'resolved'`.execute(
    database.db,
  );
  const [first] = await turns({ tiersOf });
  expect(first).toEqual(['pay-2', 'shop-2', 'shop-3']);
});

test('what is older than its runbook acts on begins nothing and is told of once; the rest goes on', async () => {
  const { db } = database;
  await sql`DELETE FROM notices`.execute(db);
  const overdue = overdueBy([
    {
      meta: { name: 'restart-service', handles: [{ alertname: 'ServiceDown' }], maxAgeMs: 900_000 },
    },
    { meta: { name: 'slow', handles: [{ alertname: 'Slow' }], maxAgeMs: 3_600_000 } },
  ]);
  const inbox = createInbox(db);
  const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();
  for (let n = 1; n <= 6; n += 1) {
    await inbox.add([alertLike({ fingerprint: `old-${n}`, startsAt: ago(1_000_000) })]);
  }
  await inbox.add([alertLike({ fingerprint: 'slow', name: 'Slow', startsAt: ago(1_000_000) })]);
  await inbox.add([alertLike({ fingerprint: 'fresh', startsAt: ago(10_000) })]);
  await inbox.add([alertLike({ fingerprint: 'nobodys', name: 'X', startsAt: ago(1_000_000) })]);
  expect(await turns({ overdue })).toEqual([['fresh', 'nobodys', 'slow']]);
  const { rows } = await sql<{ state: string; run: string | null; why: string }>`
    SELECT state, run, why FROM inbox WHERE fingerprint LIKE 'old-%'`.execute(db);
  expect(rows).toHaveLength(6);
  for (const row of rows) {
    expect(row).toEqual({
      state: 'dispatched',
      run: null,
      why: 'stale: the alert began 16m 40s ago; restart-service acts within 15m',
    });
  }
  const told = await db.selectFrom('notices').select(['urgency', 'title', 'text']).execute();
  const overdueOnes = told.filter(({ title }) => title.includes('too old'));
  expect(overdueOnes).toEqual([
    {
      urgency: 'tell',
      title: 'Storm in production: alerts are getting too old to act on',
      text: expect.stringContaining('held 6 alerts until too old for their runbook'),
    },
  ]);
  await inbox.add([alertLike({ fingerprint: 'old-7', startsAt: ago(1_000_000) })]);
  expect(await turns({ overdue })).toEqual([]);
  expect((await db.selectFrom('notices').select('id').execute()).length).toBe(told.length);
});

test('tiers are those of the policy file; one that is gone or wrong means age alone, and is said once', async () => {
  const folder = temporaryFolder('tiers');
  const path = join(folder.path, 'services.yaml');
  const log = quietLog();
  const fromFile = createServiceTiers({ path, log, everyMs: 0 });
  expect((await fromFile()).size).toBe(0);
  await fromFile();
  expect(log.lines).toHaveLength(1);
  const text = `
version: 1
self: []
levels: {}
chains: { default: [{ notify: on-call, wait: 5m }] }
services: { shop: { tier: critical, environment: production }, mail: { tier: info, environment: production } }
`;
  writeFileSync(path, text);
  expect([...(await fromFile())]).toEqual([
    ['shop', 'critical'],
    ['mail', 'info'],
  ]);
  writeFileSync(path, 'services: [');
  expect((await fromFile()).size).toBe(0);
  expect(log.lines).toHaveLength(2);
  folder.remove();
});
