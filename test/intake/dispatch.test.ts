/** The dispatcher on a real PostgreSQL and a real Temporal: one run per episode, in order, through absences of Temporal. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { sql } from 'kysely';
import type { Db } from '../../activities/store/db.js';
import { freePort } from '../../scripts/servers/port.js';
import { startPostgres } from '../../scripts/servers/postgres.js';
import type { PostgresServer } from '../../scripts/servers/postgres.js';
import { startTemporal } from '../../scripts/servers/temporal.js';
import type { TemporalServer } from '../../scripts/servers/temporal.js';
import { startIntake } from '../../workers/intake.js';
import type { Intake } from '../../workers/intake.js';
import { openTemporal } from '../../workers/intake/temporal-runs.js';
import type { Runs } from '../../workers/intake/runs.js';
import type { Routable } from '../../workflows/domain/routing.js';
import {
  emptied,
  eventually,
  groupOf,
  metric,
  openDb,
  post,
  quietLog,
  rowsOf,
  settingsFor,
  startsAt,
  temporaryFolder,
} from '../support/intake.js';
import type { Row, Sent } from '../support/intake.js';

const catalogue: readonly Routable[] = [
  { meta: { name: 'restart-service', handles: [{ alertname: 'ServiceDown' }] } },
  { meta: { name: 'restart-twice', handles: [{ alertname: 'Twice' }] } },
  { meta: { name: 'restart-thrice', handles: [{ alertname: 'Twice' }] } },
];
const startedMs = Date.parse(startsAt);
const folder = temporaryFolder('intake-dispatch');
let postgres: PostgresServer;
let temporal: TemporalServer;
let temporalPort: number;
let client: Client;
let db: Db;
let intake: Intake;

beforeAll(async () => {
  temporalPort = await freePort();
  [postgres, temporal] = await Promise.all([
    startPostgres({ dataFolder: `${folder.path}/postgres` }),
    temporalServer(),
  ]);
  client = openTemporal(temporal);
  db = openDb({ url: postgres.url });
  intake = await anIntake();
});

afterAll(async () => {
  await intake.stop();
  await client.connection.close();
  await db.destroy();
  await Promise.all([postgres.stop(), temporal.stop()]);
  folder.remove();
});

beforeEach(() => emptied(db));

function temporalServer(): Promise<TemporalServer> {
  const dataFolder = `${folder.path}/temporal`;
  return startTemporal({ dataFolder, port: temporalPort, headless: true });
}

/** Ready to take alerts in when it resolves. */
async function anIntake(runs?: Runs): Promise<Intake> {
  const settings = settingsFor({
    databaseUrl: postgres.url,
    temporalAddress: `127.0.0.1:${temporalPort}`,
  });
  const started = await startIntake({
    settings,
    catalogue,
    log: quietLog(),
    ...(runs ? { runs } : {}),
  });
  const look = async (): Promise<number> => (await fetch(`${started.url}/readyz`)).status;
  await eventually(look, (status) => status === 200);
  return started;
}

async function send(...alerts: readonly Sent[]): Promise<void> {
  const answer = await post(intake.url, groupOf(...alerts));
  expect(answer).toMatchObject({ status: 202, body: { accepted: alerts.length } });
}

function settled(): Promise<Row[]> {
  const none = (rows: Row[]): boolean => rows.every(({ state }) => state !== 'pending');
  return eventually(() => rowsOf(db), none, 45_000);
}

function runOf(fingerprint: string): string {
  return `restart-service.${fingerprint}.${startedMs}`;
}

interface Told {
  readonly signal: string;
  readonly payload: unknown;
}

/** The signals in a run's history, in order. */
async function signalsOf(run: string): Promise<Told[]> {
  const { events } = await client.workflow.getHandle(run).fetchHistory();
  return (events ?? []).flatMap(({ workflowExecutionSignaledEventAttributes: told }) => {
    const [payload] = told?.input?.payloads ?? [];
    if (!told?.signalName || !payload) return [];
    return [{ signal: told.signalName, payload: defaultPayloadConverter.fromPayload(payload) }];
  });
}

describe('one run per episode', () => {
  test('an alert starts the run of its runbook, named, typed and described', async () => {
    await send({ fingerprint: 'named' });
    expect(await settled()).toMatchObject([{ state: 'dispatched', run: runOf('named') }]);
    const handle = client.workflow.getHandle(runOf('named'));
    const described = await handle.describe();
    expect(described).toMatchObject({
      type: 'restartService',
      taskQueue: 'belay',
      status: { name: 'RUNNING' },
      searchAttributes: {
        BelayState: ['proposing'],
        BelayRunbook: ['restart-service'],
        BelayService: ['shop'],
      },
    });
    expect(await described.staticSummary()).toBe('ServiceDown on shop');
    const { events } = await handle.fetchHistory();
    const [input] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    expect(input && defaultPayloadConverter.fromPayload(input)).toMatchObject({
      trigger: 'alert',
      alert: { name: 'ServiceDown', fingerprint: 'named', startsAt, endsAt: null },
    });
  });

  test('an alert that is sent again and again starts once', async () => {
    await Promise.all(Array.from({ length: 10 }, () => send({ fingerprint: 'again' })));
    await settled();
    await send({ fingerprint: 'again' });
    expect(await rowsOf(db)).toMatchObject([{ run: runOf('again'), repeats: 10 }]);
    expect(await startsOf('again')).toBe(1);
  });

  test('a run that has ended is not started anew, even when the inbox forgot it', async () => {
    await send({ fingerprint: 'ended' });
    await settled();
    await client.workflow.getHandle(runOf('ended')).terminate();
    await emptied(db);
    await send({ fingerprint: 'ended' });
    expect(await settled()).toMatchObject([
      { state: 'dispatched', why: 'the run was there already' },
    ]);
    expect(await startsOf('ended')).toBe(1);
  });

  test('a new firing of the same alert is another run', async () => {
    await send({ fingerprint: 'anew' }, { fingerprint: 'anew', startsAt: '2026-11-21T02:00:00Z' });
    const runs = (await settled()).map(({ run }) => run);
    expect(new Set(runs).size).toBe(2);
  });

  async function startsOf(fingerprint: string): Promise<number> {
    const query = `WorkflowId = "${runOf(fingerprint)}"`;
    const look = async (): Promise<number> => (await client.workflow.count(query)).count;
    return eventually(look, (count) => count > 0);
  }
});

describe('resolved', () => {
  test('it reaches the run of its episode as a signal', async () => {
    await send({ fingerprint: 'over' });
    await send({ fingerprint: 'over', status: 'resolved' });
    expect(await settled()).toMatchObject([
      { status: 'firing', state: 'dispatched' },
      { status: 'resolved', state: 'dispatched', run: runOf('over'), why: null },
    ]);
    const told = { by: 'intake', note: 'resolved at 2026-11-21T01:05:00Z' };
    expect(await signalsOf(runOf('over'))).toEqual([{ signal: 'resolved', payload: told }]);
  });

  test('when its run is over already, that is all there is to say', async () => {
    await send({ fingerprint: 'late' });
    await settled();
    await client.workflow.getHandle(runOf('late')).terminate();
    await send({ fingerprint: 'late', status: 'resolved' });
    await send({ fingerprint: 'never-fired', status: 'resolved' });
    expect((await settled()).map(({ why }) => why).slice(1)).toEqual([
      'no open run',
      'no open run',
    ]);
  });

  test('it never overtakes its firing, through two processes', async () => {
    const other = await anIntake();
    const names = Array.from({ length: 30 }, (_, n) => `order-${n}`);
    await Promise.all(
      names.map(async (fingerprint) => {
        await post(intake.url, groupOf({ fingerprint }));
        await post(other.url, groupOf({ fingerprint, status: 'resolved' }));
      }),
    );
    const rows = await settled();
    expect(rows).toHaveLength(60);
    expect(rows.filter(({ why }) => why === 'no open run')).toEqual([]);
    await other.stop();
  });
});

describe('alerts for nobody', () => {
  test('without a runbook they are kept as unmatched, counted by their name', async () => {
    await send({ fingerprint: 'unknown', alertname: 'DiskFull' });
    expect(await settled()).toMatchObject([
      { state: 'unmatched', run: null, why: 'no runbook handles DiskFull' },
    ]);
    const series = 'belay_dispatch_unmatched_total{alertname="DiskFull"}';
    expect(await metric(intake.url, series)).toBe(1);
  });

  test('with two runbooks both are named and none is started', async () => {
    await send({ fingerprint: 'twice', alertname: 'Twice' });
    const [row] = await settled();
    expect(row).toMatchObject({ state: 'unmatched', run: null });
    expect(row?.why).toContain('restart-twice, restart-thrice');
  });

  test('what was given up gets another chance when its sender repeats it', async () => {
    await send({ fingerprint: 'revived' });
    await settled();
    await sql`UPDATE inbox SET state = 'dead', run = NULL`.execute(db);
    await send({ fingerprint: 'revived' });
    expect(await settled()).toMatchObject([{ state: 'dispatched', run: runOf('revived') }]);
  });
});

test('a repair that is still watched learns that its alert fired anew', async () => {
  await send({ fingerprint: 'flaps' });
  await settled();
  await sql`
    INSERT INTO runs (run, runbook, service, environment, trigger, alert, state)
    SELECT run, 'restart-service', 'shop', 'default', 'alert', alert, 'watching' FROM inbox
  `.execute(db);
  await send({ fingerprint: 'flaps', startsAt: '2026-11-21T02:00:00Z' });
  await send({ fingerprint: 'another', startsAt: '2026-11-21T02:00:00Z' });
  await settled();
  expect(await signalsOf(runOf('flaps'))).toEqual([
    { signal: 'refired', payload: { by: 'intake', note: 'fired again at 2026-11-21T02:00:00Z' } },
  ]);
});

describe('when something is not there', () => {
  test('rows left by a process that died are swept up at the next start', async () => {
    await intake.stop();
    await sql`
      INSERT INTO inbox (source, fingerprint, starts_at_ms, status, alert)
      SELECT 'alertmanager', 'left-' || n, ${startedMs}::bigint, 'firing',
        ${JSON.stringify(leftAlert)}::jsonb || jsonb_build_object('fingerprint', 'left-' || n)
      FROM generate_series(1, 100) AS n`.execute(db);
    intake = await anIntake();
    const rows = await settled();
    expect(rows.map(({ state }) => state)).toEqual(Array(100).fill('dispatched'));
  });

  test('a delivery that fails twenty times for its own reason is given up with its why', async () => {
    await intake.stop();
    const broken = { start: () => Promise.reject(new Error('unknown workflow type')) };
    intake = await anIntake({ ...broken, signal: () => Promise.resolve('sent') });
    await send({ fingerprint: 'broken' });
    const tried = await eventually(
      () => rowsOf(db),
      ([row]) => row?.attempts === 1,
    );
    expect(tried).toMatchObject([{ state: 'pending', why: 'unknown workflow type' }]);
    await sql`UPDATE inbox SET attempts = 19, next_attempt_at = now()`.execute(db);
    expect(await settled()).toMatchObject([{ state: 'dead', why: 'unknown workflow type' }]);
    await intake.stop();
    intake = await anIntake();
  });

  test('without Temporal alerts are taken in and wait; with it again they are dispatched in order', async () => {
    await temporal.stop();
    const names = Array.from({ length: 20 }, (_, n) => `waits-${n}`);
    for (const fingerprint of names) await send({ fingerprint });
    for (const fingerprint of names) await send({ fingerprint, status: 'resolved' });
    await eventually(
      () => metric(intake.url, 'belay_dispatch_away'),
      (away) => away === 1,
    );
    expect(new Set((await rowsOf(db)).map(({ state }) => state))).toEqual(new Set(['pending']));
    expect((await fetch(`${intake.url}/readyz`)).status).toBe(200);
    temporal = await temporalServer();
    const rows = await settled();
    expect(rows.filter(({ state }) => state === 'dispatched')).toHaveLength(40);
    expect(rows.filter(({ why }) => why === 'no open run')).toEqual([]);
    expect(rows.every(({ attempts }) => attempts === 0)).toBe(true);
  }, 90_000);
});

const leftAlert = {
  source: 'alertmanager',
  name: 'ServiceDown',
  status: 'firing',
  severity: 'page',
  startsAt,
  endsAt: null,
  service: 'shop',
  environment: 'default',
  labels: { alertname: 'ServiceDown' },
  annotations: {},
  link: null,
};
