/** A storm of alerts on a real PostgreSQL: all kept, one page, a bounded pace, and nothing for what resolved meanwhile. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Db } from '../../activities/store/db.js';
import {
  arrivalsAtEndMax,
  permits,
  recurrenceText,
  stormDefaults,
} from '../../activities/store/storm-rules.js';
import type { StormSettings } from '../../activities/store/storm-rules.js';
import { createInbox } from '../../activities/store/inbox.js';
import { createStorms } from '../../activities/store/storms.js';
import { createCrowd } from '../../workers/intake/crowd.js';
import { openTestDatabase } from '../support/database.js';
import type { TestDatabase } from '../support/database.js';
import { alertLike, notedRuns, startDispatching, startsAt } from '../support/dispatching.js';
import type { Dispatching, NotedRuns } from '../support/dispatching.js';
import { emptied, eventually, rowsOf } from '../support/intake.js';

const settings: StormSettings = {
  firingsMax: 20,
  withinMs: 2_000,
  startsPerSecond: 40,
  openRunsMax: 30,
};

let database: TestDatabase;
let db: Db;
let runs: NotedRuns;
/** In which state runs are listed from now on. */
let listedAs: string | null;
const open: Dispatching[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
  db = database.db;
});

afterAll(() => database.close());

beforeEach(async () => {
  await emptied(db);
  await sql`DELETE FROM storms`.execute(db);
  await sql`DELETE FROM notices`.execute(db);
  await sql`UPDATE storm_pace SET turned_at = '-infinity', recoveries_at = '-infinity'`.execute(db);
  listedAs = 'closed';
  runs = notedRuns(db, () => listedAs);
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.stop()));
});

function begin(storm: StormSettings = settings): Dispatching {
  const one = startDispatching({ db, runs, storm });
  open.push(one);
  return one;
}

const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `of-${n}`);
const firing = (fingerprint: string) => alertLike({ fingerprint });
const resolved = (fingerprint: string) =>
  alertLike({ fingerprint, endsAt: '2026-11-21T01:05:00Z' });

interface StormRow {
  readonly domain: string;
  readonly firings: number;
  readonly ended: boolean;
}

async function storms(): Promise<StormRow[]> {
  const { rows } = await sql<StormRow>`
    SELECT domain, firings, ended_at IS NOT NULL AS ended FROM storms ORDER BY id`.execute(db);
  return rows;
}

function notices() {
  return db.selectFrom('notices').select(['run', 'to', 'urgency', 'title', 'text']).execute();
}

async function heldCount(): Promise<number> {
  const { rows } = await sql<{ held: number }>`
    SELECT count(*) AS held FROM inbox WHERE hold = 'held'`.execute(db);
  return rows[0]?.held ?? 0;
}

async function linesAbout(id: string) {
  const { rows } = await sql<{ says: string; tier: string; detail: object }>`
    SELECT says, tier, detail FROM ledger WHERE id LIKE ${id} ORDER BY seq`.execute(db);
  return rows;
}

/** A flood waits in the backlog at first, where it has no row. */
const settled = async () => {
  const waiting = async () => (await createInbox(db).size()).pending;
  await eventually(waiting, (count) => count === 0, 30_000);
  return rowsOf(db);
};

const stormIsOn = () => eventually(storms, (rows) => rows.some(({ ended }) => !ended));

/** The most runs that began within any second. */
function peak(): number {
  const times = runs.started.map(({ atMs }) => atMs).toSorted((left, right) => left - right);
  return Math.max(0, ...times.map((at) => times.filter((t) => t >= at && t < at + 1_000).length));
}

describe('the rules', () => {
  test('a turn lets go no more than its share, nor than there is room for', () => {
    expect(permits(stormDefaults, 0)).toBe(5);
    expect(permits(stormDefaults, 97)).toBe(3);
    expect(permits(stormDefaults, 100)).toBe(0);
    expect(permits(stormDefaults, 1_000)).toBe(0);
  });

  test('a storm ends well below where it begins', () => {
    expect(arrivalsAtEndMax(stormDefaults)).toBe(25);
    expect(arrivalsAtEndMax({ ...stormDefaults, firingsMax: 1 })).toBe(0);
  });

  test('a crowd is more than may be in one domain since somebody looked', () => {
    const crowd = createCrowd(2);
    expect([crowd.add('a'), crowd.add('a'), crowd.add('b'), crowd.isIn('a')]).toEqual([
      false,
      false,
      false,
      false,
    ]);
    expect([crowd.add('a'), crowd.add('a'), crowd.isIn('a'), crowd.isIn('b')]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    crowd.clear();
    expect(crowd.isIn('a')).toBe(false);
  });
});

describe('hundreds of alerts at once', () => {
  test('are all kept, grouped under one page, begun at the pace, and accounted for at the end', async () => {
    const intake = begin({ ...settings, openRunsMax: 200 });
    const all = names(300);
    for (let n = 0; n < 300; n += 10) await intake.take(...all.slice(n, n + 10).map(firing));
    await intake.take(...all.slice(0, 100).map(firing));
    expect(await rowsOf(db)).toHaveLength(300);
    await settled();
    await eventually(storms, (rows) => rows.every(({ ended }) => ended));
    expect(await storms()).toMatchObject([{ domain: 'production', ended: true }]);

    expect(new Set(runs.started.map(({ run }) => run)).size).toBe(300);
    expect(runs.started).toHaveLength(300);
    // two turns may meet in one second, and what began before anybody could know
    expect(peak()).toBeLessThanOrEqual(2 * settings.startsPerSecond + settings.firingsMax);

    const told = await notices();
    expect(told.filter(({ urgency }) => urgency === 'page')).toHaveLength(1);
    expect(told[0]).toMatchObject({ to: 'everyone', urgency: 'page' });
    expect(told[0]?.title).toMatch(/^Storm in production: \d+ alerts within 2s$/);
    const [began, ended] = await linesAbout(`${told[0]?.run}.%`);
    expect(began).toMatchObject({ tier: 'critical', detail: { domain: 'production' } });
    expect(ended).toMatchObject({ tier: 'info', detail: { firings: 300, passedOver: 0 } });
    expect(ended?.says).toContain('the storm in production ended after');
  }, 60_000);

  test('begin no more runs than the fleet may have, and go on when some are over', async () => {
    listedAs = 'waiting';
    const intake = begin();
    await intake.take(...names(200).map(firing));
    await eventually(
      () => Promise.resolve(runs.started.length),
      (count) => count === 30,
    );
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(runs.started).toHaveLength(30);
    await sql`UPDATE runs SET state = 'watching' WHERE run IN (SELECT run FROM runs LIMIT 12)`.execute(
      db,
    );
    await eventually(
      () => Promise.resolve(runs.started.length),
      (count) => count === 42,
    );
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(runs.started).toHaveLength(42);
  }, 30_000);

  test('begin no more runs than that while no worker takes them up, either', async () => {
    listedAs = null;
    const intake = begin();
    await intake.take(...names(100).map(firing));
    await eventually(
      () => Promise.resolve(runs.started.length),
      (count) => count === 30,
    );
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect(runs.started).toHaveLength(30);
  }, 30_000);

  test('of which many resolve meanwhile begin nothing for those', async () => {
    listedAs = 'performing';
    const intake = begin();
    const all = names(200);
    await intake.take(...all.map(firing));
    await stormIsOn();
    await eventually(
      () => Promise.resolve(runs.started.length),
      (count) => count === 30,
    );
    const begun = new Set(runs.started.map(({ fingerprint }) => fingerprint));
    const over = all.filter((name) => !begun.has(name)).slice(0, 150);
    await intake.take(...over.map(resolved));
    await eventually(heldCount, (held) => held === 20);
    listedAs = 'closed';
    await sql`UPDATE runs SET state = 'closed'`.execute(db);
    const rows = await settled();
    expect(rows).toHaveLength(350);
    expect(runs.started).toHaveLength(50);
    expect(runs.started.filter(({ fingerprint }) => over.includes(fingerprint))).toEqual([]);
    expect(runs.signals).toEqual([]);
    const passedOver = rows.filter(({ why }) => why === 'it was resolved before a run had begun');
    expect(passedOver).toHaveLength(150);
  }, 40_000);

  test('are one storm for two processes, with one page and one pace', async () => {
    const roomy = { ...settings, openRunsMax: 200 };
    const [one, other] = [begin(roomy), begin(roomy)];
    const all = names(160);
    await Promise.all([
      one.take(...all.slice(0, 90).map(firing)),
      other.take(...all.slice(70).map(firing)),
    ]);
    await settled();
    expect(runs.started).toHaveLength(160);
    expect(peak()).toBeLessThanOrEqual(2 * settings.startsPerSecond + 2 * settings.firingsMax);
    expect(await storms()).toHaveLength(1);
    expect((await notices()).filter(({ urgency }) => urgency === 'page')).toHaveLength(1);
  }, 40_000);

  test('outlive the process that took them in', async () => {
    listedAs = 'performing';
    const first = begin();
    await first.take(...names(100).map(firing));
    await stormIsOn();
    await Promise.all(open.splice(0).map((each) => each.stop()));
    listedAs = 'closed';
    await sql`UPDATE runs SET state = 'closed'`.execute(db);
    begin();
    await settled();
    expect(new Set(runs.started.map(({ run }) => run)).size).toBe(100);
    expect((await notices()).filter(({ urgency }) => urgency === 'page')).toHaveLength(1);
  }, 40_000);
});

describe('no storm', () => {
  test('is what may be, is over, or is one alert sent again and again', async () => {
    const intake = begin();
    const all = names(20);
    for (let n = 0; n < 5; n += 1) await intake.take(...all.map(firing));
    await settled();
    await intake.take(...all.map(resolved));
    await settled();
    await intake.take(...names(38).slice(20).map(firing));
    await settled();
    expect(runs.started).toHaveLength(38);
    expect(await storms()).toEqual([]);
    expect(await notices()).toEqual([]);
  }, 30_000);

  test('is in another environment: its alerts begin at once', async () => {
    listedAs = 'performing';
    const intake = begin();
    await intake.take(...names(100).map(firing));
    await stormIsOn();
    await eventually(
      () => Promise.resolve(runs.started.length),
      (count) => count === 30,
    );
    await intake.take(alertLike({ fingerprint: 'elsewhere', environment: 'staging' }));
    const begun = () => Promise.resolve(runs.started.map(({ fingerprint }) => fingerprint));
    await eventually(begun, (fingerprints) => fingerprints.includes('elsewhere'), 1_000);
  }, 30_000);
});

describe('identical recoveries', () => {
  const turn = async (): Promise<void> => {
    await sql`UPDATE storm_pace SET turned_at = '-infinity', recoveries_at = '-infinity'`.execute(
      db,
    );
    await createStorms(db, settings).turn();
  };

  interface Recovered {
    readonly service: string;
    readonly times: number;
    readonly level?: number;
    readonly trigger?: string;
  }

  async function recovered({ service, times, level = 5, trigger = 'alert' }: Recovered) {
    await sql`
      INSERT INTO ledger (id, run, runbook, service, kind, trigger, level, outcome, says, at)
      SELECT ${service} || ${level} || ${trigger} || n, ${service} || '.' || n, 'restart-service', ${service},
        'outcome', ${trigger}, ${level}, 'resolved', 'resolved', ${startsAt}::timestamptz
      FROM generate_series(1, ${times}) AS n`.execute(db);
  }

  test('ten within an hour are one critical entry and one page, once an hour', async () => {
    await recovered({ service: 'flapping', times: 10 });
    await recovered({ service: 'steady', times: 9 });
    await recovered({ service: 'asked', times: 12, level: 3 });
    await recovered({ service: 'by-hand', times: 12, trigger: 'person:ana' });
    await turn();
    await turn();
    expect(await notices()).toEqual([
      {
        run: 'recoveries.flapping',
        to: 'everyone',
        urgency: 'page',
        title: 'flapping was repaired 10 times within an hour',
        text: expect.stringContaining('restart-service resolved flapping 10 times'),
      },
    ]);
    expect(await linesAbout('recoveries.flapping.%')).toMatchObject([
      { tier: 'critical', detail: { service: 'flapping', runbook: 'restart-service', times: 10 } },
    ]);
    await sql`UPDATE notices SET created_at = created_at - interval '61 minutes'`.execute(db);
    await turn();
    expect(await notices()).toHaveLength(2);
  });

  test('are told with what was done and how often', () => {
    const told = recurrenceText({
      service: 'shop',
      runbook: 'restart-service',
      times: 12,
      atMs: 5,
    });
    expect(told).toMatchObject({ id: 'recoveries.shop.5', about: 'recoveries.shop' });
    expect(told.says).toBe(
      'restart-service resolved shop 12 times within an hour, by itself: the cause is still there',
    );
  });
});
