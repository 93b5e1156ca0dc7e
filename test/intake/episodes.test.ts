/** Which episode a resolution ends and which firing is only the same again, on a real PostgreSQL. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { senders } from '../../activities/senders/index.js';
import type { Db } from '../../activities/store/db.js';
import type { Alert } from '../../workflows/domain/alert.js';
import { openTestDatabase } from '../support/database.js';
import type { TestDatabase } from '../support/database.js';
import { alertLike, notedRuns, startDispatching, startsAt } from '../support/dispatching.js';
import type { Dispatching, NotedRuns } from '../support/dispatching.js';
import { emptied, eventually, rowsOf } from '../support/intake.js';
import type { Row } from '../support/intake.js';

let database: TestDatabase;
let db: Db;
let runs: NotedRuns;
let intake: Dispatching;

beforeAll(async () => {
  database = await openTestDatabase();
  db = database.db;
});

afterAll(() => database.close());

beforeEach(async () => {
  await emptied(db);
  runs = notedRuns(db, () => null);
  intake = startDispatching({ db, runs });
});

afterEach(() => intake.stop());

/** Takes them in one after the other, each when the one before is settled. */
async function taken(...alerts: readonly Alert[]): Promise<Row[]> {
  for (const alert of alerts) {
    await intake.take(alert);
    await settled();
  }
  return rowsOf(db);
}

function settled(): Promise<Row[]> {
  const none = (rows: Row[]): boolean => rows.every(({ state }) => state !== 'pending');
  return eventually(() => rowsOf(db), none);
}

const at = (minute: number): string => `2026-11-21T01:${String(minute).padStart(2, '0')}:00Z`;
const fires = (minute: number, source = 'cloudwatch'): Alert =>
  alertLike({ source, fingerprint: 'cpu', startsAt: at(minute) });
/** Knows only when it ended. */
const ends = (minute: number, source = 'cloudwatch'): Alert =>
  alertLike({ source, fingerprint: 'cpu', startsAt: at(minute), endsAt: at(minute) });
const runAt = (minute: number): string => `restart-service.cpu.${Date.parse(at(minute))}`;

describe('a resolution that does not know its start', () => {
  test('reaches the run of the firing that is open', async () => {
    await taken(fires(1), ends(5));
    expect(runs.signals).toEqual([{ run: runAt(1), message: 'resolved' }]);
  });

  test('reaches the newest of several, and not one that was ended before', async () => {
    await taken(fires(1), ends(2), fires(3), ends(4));
    expect(runs.signals.map(({ run }) => run)).toEqual([runAt(1), runAt(3)]);
    await taken(fires(6, 'zabbix'), fires(7, 'zabbix'), ends(8, 'zabbix'));
    expect(runs.signals.at(-1)).toEqual({ run: runAt(7), message: 'resolved' });
  });

  test('that is late ends nothing that began after it', async () => {
    await taken(fires(3), ends(2));
    expect(runs.signals).toEqual([]);
    expect((await rowsOf(db)).at(-1)).toMatchObject({ why: 'no firing of it is open' });
  });

  test('without a firing is settled, and says so', async () => {
    expect(await taken(ends(2))).toMatchObject([
      { state: 'dispatched', run: null, why: 'no firing of it is open' },
    ]);
  });

  test('sent again ends nothing twice', async () => {
    await taken(fires(1), ends(5), ends(6));
    expect(runs.signals).toHaveLength(1);
  });

  test('of another source ends nothing', async () => {
    await taken(fires(1), ends(5, 'github'));
    expect(runs.signals).toEqual([]);
  });
});

describe('a sender whose every message bears another start', () => {
  test('is cloudwatch, github or uptime-kuma', () => {
    const declared = senders.filter(({ startsEachTime }) => startsEachTime === true);
    expect(declared.map(({ source }) => source)).toEqual(['cloudwatch', 'github', 'uptime-kuma']);
  });

  test('a firing while one is open is that one again: one run, told once', async () => {
    const rows = await taken(fires(1), fires(2), fires(3), ends(5));
    expect(runs.started.map(({ run }) => run)).toEqual([runAt(1)]);
    expect(rows.slice(1, 3)).toMatchObject([
      { run: runAt(1), why: `the firing of ${at(1)} again, which is still open` },
      { run: runAt(1) },
    ]);
    expect(runs.signals).toEqual([{ run: runAt(1), message: 'resolved' }]);
  });

  test('a firing after the resolution is a new episode', async () => {
    await taken(fires(1), fires(2), ends(3), fires(4));
    expect(runs.started.map(({ run }) => run)).toEqual([runAt(1), runAt(4)]);
  });

  test('a resolution that knows the start of a repeat ends the episode', async () => {
    const knowing = alertLike({
      source: 'uptime-kuma',
      fingerprint: 'cpu',
      startsAt: at(2),
      endsAt: at(5),
    });
    await taken(fires(1, 'uptime-kuma'), fires(2, 'uptime-kuma'), knowing, fires(6, 'uptime-kuma'));
    expect(runs.signals).toEqual([{ run: runAt(1), message: 'resolved' }]);
    expect(runs.started.map(({ run }) => run)).toEqual([runAt(1), runAt(6)]);
  });

  test('a firing that comes after its own resolution begins nothing', async () => {
    const rows = await taken(ends(5), fires(1));
    expect(rows.at(-1)).toMatchObject({ state: 'dispatched', run: null });
    expect(runs.started).toEqual([]);
  });

  test('a firing of another thing is no repeat', async () => {
    await taken(
      fires(1),
      alertLike({ source: 'cloudwatch', fingerprint: 'disk', startsAt: at(2) }),
    );
    expect(runs.started).toHaveLength(2);
  });

  test('after a day without an end a firing is believed again', async () => {
    const dayLater = '2026-11-22T01:02:00Z';
    await taken(fires(1), alertLike({ ...fires(1), startsAt: dayLater }));
    expect(runs.started).toHaveLength(2);
  });

  test('of the other senders a new start is a new episode', async () => {
    await taken(fires(1, 'alertmanager'), fires(2, 'alertmanager'));
    expect(runs.started).toHaveLength(2);
  });
});

test('a firing that waited until it was resolved begins no run, and neither is told', async () => {
  await intake.stop();
  const resolved = alertLike({ fingerprint: 'waits', endsAt: at(5) });
  for (const alert of [alertLike({ fingerprint: 'waits' }), resolved]) {
    await sql`
      INSERT INTO inbox (source, fingerprint, starts_at_ms, status, alert)
      VALUES ('alertmanager', 'waits', ${Date.parse(startsAt)}, ${alert.status}, ${JSON.stringify(alert)})`.execute(
      db,
    );
  }
  intake = startDispatching({ db, runs });
  expect(await settled()).toMatchObject([
    { state: 'dispatched', run: null, why: 'it was resolved before a run had begun' },
    { state: 'dispatched', run: null, why: 'no run had begun for it' },
  ]);
  expect([runs.started, runs.signals]).toEqual([[], []]);
});
