/** The intake's HTTP side on a real PostgreSQL: what is taken in, what is turned away, and what happens without a database. */
import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import type { Db } from '../../activities/store/db.js';
import { noteTurnedAway } from '../../activities/store/turned-away.js';
import { freePort } from '../../scripts/servers/port.js';
import { startPostgres } from '../../scripts/servers/postgres.js';
import type { PostgresServer } from '../../scripts/servers/postgres.js';
import { startIntake } from '../../workers/intake.js';
import type { Intake } from '../../workers/intake.js';
import {
  answerOf,
  emptied,
  eventually,
  groupOf,
  metric,
  nobodyThere,
  openDb,
  post,
  quietLog,
  rowsOf,
  settingsFor,
  temporaryFolder,
  token,
} from '../support/intake.js';

const folder = temporaryFolder('intake-http');
const log = quietLog();
let postgres: PostgresServer;
let port: number;
let db: Db;
let intake: Intake;

beforeAll(async () => {
  port = await freePort();
  postgres = await startPostgres({ dataFolder: folder.path, port });
  db = openDb({ url: postgres.url, onIdleError: () => undefined });
  const settings = settingsFor({ databaseUrl: postgres.url });
  intake = await startIntake({ settings, log, runs: nobodyThere });
  await ready();
});

afterAll(async () => {
  await intake.stop();
  await db.destroy();
  await postgres.stop();
  folder.remove();
});

beforeEach(() => emptied(db));

async function ready(): Promise<void> {
  const look = async (): Promise<number> => (await fetch(`${intake.url}/readyz`)).status;
  await eventually(look, (status) => status === 200);
}

function refusedMetric(why: string, source = 'alertmanager'): Promise<number> {
  return metric(intake.url, `belay_intake_refused_total{source="${source}",why="${why}"}`);
}

interface Expected {
  readonly status: number;
  readonly why: string;
  readonly says: string;
  readonly source?: string;
}

/** A clear 4xx, one more in its metric, nothing written. */
async function expectRefused(
  send: () => Promise<{ status: number; body: Record<string, unknown> }>,
  { status, why, says, source }: Expected,
): Promise<void> {
  const before = await refusedMetric(why, source);
  const answer = await send();
  expect(answer).toMatchObject({
    status,
    body: { error: expect.stringContaining(says), fix: expect.stringMatching(/\S/) },
  });
  expect(await refusedMetric(why, source)).toBe(before + 1);
  expect(await rowsOf(db)).toEqual([]);
}

/** Bytes as they are, and whatever comes back until the other side ends. */
function raw(bytes: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const { hostname, port: at } = new URL(intake.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(at), hostname, () => socket.write(bytes));
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    socket.on('error', reject);
    socket.on('close', () => {
      const [head = '', body = '{}'] = text.split('\r\n\r\n');
      const status = Number(head.split(' ')[1]);
      resolve({ status, body: JSON.parse(body) as Record<string, unknown> });
    });
  });
}

describe('taking in', () => {
  test('an acknowledged group is in the inbox, one row per alert', async () => {
    const answer = await post(intake.url, groupOf({ fingerprint: 'a' }, { fingerprint: 'b' }));
    expect(answer).toMatchObject({ status: 202, body: { accepted: 2 } });
    expect((await rowsOf(db)).map((row) => row.fingerprint)).toEqual(['a', 'b']);
  });

  test('a group that is sent again is one row and a count', async () => {
    for (let sent = 0; sent < 3; sent += 1) {
      expect((await post(intake.url, groupOf({ fingerprint: 'a' }))).status).toBe(202);
    }
    expect(await rowsOf(db)).toMatchObject([{ fingerprint: 'a', repeats: 2 }]);
  });

  test('an alert listed twice in one body is one row', async () => {
    const answer = await post(intake.url, groupOf({ fingerprint: 'a' }, { fingerprint: 'a' }));
    expect(answer.body).toEqual({ accepted: 2 });
    expect(await rowsOf(db)).toHaveLength(1);
  });

  test('any active token and any user is let in', async () => {
    const basic = Buffer.from('alertmanager:a-password').toString('base64');
    for (const authorization of ['Bearer an-older-token', `bearer ${token}`, `Basic ${basic}`]) {
      const answer = await post(intake.url, groupOf({ fingerprint: 'a' }), { authorization });
      expect(answer.status).toBe(202);
    }
  });

  test('alerts that the sender left out are counted', async () => {
    const body = { ...groupOf({ fingerprint: 'a' }), truncatedAlerts: 7 };
    expect((await post(intake.url, body)).status).toBe(202);
    const series = 'belay_intake_truncated_total{source="alertmanager"}';
    expect(await metric(intake.url, series)).toBe(7);
  });

  test('a body just under 1 MiB is taken in', async () => {
    const body = JSON.stringify({ ...groupOf({ fingerprint: 'a' }), padding: '' });
    const padded = body.replace(
      '"padding":""',
      `"padding":"${'x'.repeat(1_048_576 - body.length)}"`,
    );
    expect(padded).toHaveLength(1_048_576);
    expect((await post(intake.url, padded)).status).toBe(202);
  });

  test('64 requests that come while a commit is under way share the next ones', async () => {
    const bodies = Array.from({ length: 64 }, (_, n) => groupOf({ fingerprint: `f${n}` }));
    const answers = await db.transaction().execute(async (transaction) => {
      await sql`LOCK TABLE inbox`.execute(transaction);
      const sent = bodies.map((body) => post(intake.url, body));
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      return { sent };
    });
    for (const answer of await Promise.all(answers.sent)) expect(answer.status).toBe(202);
    const { rows } = await sql<{ commits: number; rows: number }>`
      SELECT count(DISTINCT xmin::text) AS commits, count(*) AS rows FROM inbox`.execute(db);
    expect(rows[0]?.rows).toBe(64);
    expect(rows[0]?.commits).toBeLessThan(16);
  });
});

describe('turning away', () => {
  const good = groupOf({ fingerprint: 'a' });

  test('an unknown path, whatever the secret', () =>
    expectRefused(
      async () => answerOf(await fetch(`${intake.url}/v1/alerts/nagios`, { method: 'POST' })),
      { status: 404, why: 'unknown-path', says: 'nothing at this path', source: 'none' },
    ));

  test('a path that cannot be decoded', () =>
    expectRefused(async () => answerOf(await fetch(`${intake.url}/v1/%zz`)), {
      status: 404,
      why: 'unknown-path',
      says: 'nothing at this path',
      source: 'none',
    }));

  test('a wrong method', () =>
    expectRefused(async () => answerOf(await fetch(`${intake.url}/v1/alerts/alertmanager`)), {
      status: 405,
      why: 'wrong-method',
      says: 'GET',
    }));

  test.each([
    ['Bearer wrong', 'wrong-secret'],
    [`Basic ${Buffer.from('alertmanager:wrong').toString('base64')}`, 'wrong-secret'],
    [`Bearer alertmanager:a-password`, 'wrong-secret'],
    [`Basic ${token}`, 'wrong-secret'],
    ['Bearer', 'no-secret'],
    ['Digest x', 'no-secret'],
    ['', 'no-secret'],
  ])('the secret %j', (authorization, why) =>
    expectRefused(() => post(intake.url, good, { authorization }), {
      status: 401,
      why,
      says: 'secret',
    }),
  );

  test('a wrong secret before anything of the body is judged', () =>
    expectRefused(() => post(intake.url, '{', { authorization: 'Bearer wrong' }), {
      status: 401,
      why: 'wrong-secret',
      says: 'secret',
    }));

  test('2 MiB, with and without a declared length', async () => {
    const big = new Uint8Array(2 * 1024 * 1024).fill(0x20);
    const expected = { status: 413, why: 'too-large', says: '1048576 bytes' };
    await expectRefused(() => post(intake.url, big), expected);
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(big);
        controller.close();
      },
    });
    const chunked = async () =>
      answerOf(
        await fetch(`${intake.url}/v1/alerts/alertmanager`, {
          method: 'POST',
          body: stream,
          duplex: 'half',
          headers: { authorization: `Bearer ${token}` },
        }),
      );
    await expectRefused(chunked, expected);
  });

  test('another content type', () =>
    expectRefused(() => post(intake.url, good, { 'content-type': 'text/plain' }), {
      status: 415,
      why: 'wrong-type',
      says: 'not declared as JSON',
    }));

  test('a compressed body', () => {
    const body = gzipSync(JSON.stringify(good));
    return expectRefused(() => post(intake.url, body, { 'content-encoding': 'gzip' }), {
      status: 415,
      why: 'wrong-type',
      says: 'compressed',
    });
  });

  test.each([
    ['', 'empty'],
    ['{"version":', 'not JSON'],
    ['[]', 'expected object'],
    [{ ...good, version: 4 }, 'version'],
    [{ ...good, alerts: {} }, 'alerts'],
    [
      groupOf({ fingerprint: 'a' }, { fingerprint: 'b', startsAt: '0001-01-01T00:00:00Z' }),
      'alerts[1].startsAt',
    ],
    [groupOf({ fingerprint: '' }), 'alerts[0].fingerprint'],
    [groupOf({ fingerprint: 'a', alertname: '' }), 'alerts[0].labels.alertname'],
  ])('the body %j: names %s', (body, says) =>
    expectRefused(() => post(intake.url, body), { status: 400, why: 'bad-body', says }),
  );

  test('two lengths', () =>
    expectRefused(
      () =>
        raw(
          'POST /v1/alerts/alertmanager HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n' +
            'Content-Length: 3\r\n\r\n{}',
        ),
      { status: 400, why: 'bad-request', says: 'well-formed', source: 'none' },
    ));

  test('headers without end', () =>
    expectRefused(() => raw(`GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n`), {
      status: 431,
      why: 'headers-too-large',
      says: 'headers',
      source: 'none',
    }));

  test('a body that never comes', () =>
    expectRefused(
      () =>
        raw(
          'POST /v1/alerts/alertmanager HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
            `Authorization: Bearer ${token}\r\nContent-Length: 100\r\n\r\n{`,
        ),
      { status: 408, why: 'too-slow', says: 'too long', source: 'none' },
    ));

  test('a sender that goes away in the middle, without harm to the next', async () => {
    const { hostname, port: at } = new URL(intake.url);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(at), hostname, () => {
        socket.write(
          'POST /v1/alerts/alertmanager HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
            `Authorization: Bearer ${token}\r\nContent-Length: 100\r\n\r\n{`,
        );
        setTimeout(() => socket.resetAndDestroy(), 20);
      });
      socket.on('close', () => resolve());
    });
    expect((await post(intake.url, good)).status).toBe(202);
  });
});

test('a wrong secret is in the ledger at once, and a thousand are one more line at most', async () => {
  const lines = async () =>
    db
      .selectFrom('ledger')
      .select(['run', 'actor', 'says', 'detail'])
      .where('kind', '=', 'intake')
      .execute();
  const told = await eventually(lines, ({ length }) => length > 0);
  expect(told[0]).toEqual({
    run: null,
    actor: 'belay',
    says: '1 request to alertmanager turned away: a secret that is not in use',
    detail: { source: 'alertmanager', wrongSecret: 1, stale: 0 },
  });
  const before = told.length;
  for (let n = 0; n < 50; n += 1) {
    await post(intake.url, groupOf({ fingerprint: 'a' }), { authorization: 'Bearer wrong' });
  }
  expect((await lines()).length).toBeLessThanOrEqual(before + 1);
});

test('a wrong secret pages everyone, once a source and hour, and the page is in the outbox before anybody asks', async () => {
  const about = 'turned-away.alertmanager';
  const pages = async () =>
    db
      .selectFrom('notices')
      .select(['id', 'to', 'urgency', 'title', 'text', 'delivered_at'])
      .where('run', '=', about)
      .execute();
  const told = await eventually(pages, ({ length }) => length > 0);
  expect(told).toEqual([
    {
      id: expect.stringMatching(/^turned-away\.alertmanager\.\d{4}-\d\d-\d\dT\d\d$/),
      to: 'everyone',
      urgency: 'page',
      title: 'alertmanager: a sender is turned away',
      text: expect.stringMatching(
        /a secret that is not in use\. .* loses its alerts: docs\/senders\.md/,
      ),
      delivered_at: null,
    },
  ]);
  const again = { source: 'alertmanager', says: 'again', detail: {} };
  await noteTurnedAway(db, again);
  await Promise.all([
    noteTurnedAway(db, again),
    noteTurnedAway(db, { ...again, source: 'grafana' }),
  ]);
  expect(await pages()).toHaveLength(1);
  await sql`
    UPDATE notices SET created_at = created_at - interval '61 minutes', id = id || 'earlier' WHERE run = ${about}`.execute(
    db,
  );
  await noteTurnedAway(db, again);
  expect(await pages()).toHaveLength(2);
});

describe('probes', () => {
  test('healthz and readyz answer 200 while PostgreSQL is there', async () => {
    expect((await fetch(`${intake.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${intake.url}/readyz`)).status).toBe(200);
  });

  test('metrics are Prometheus text with every refusal at zero or more', async () => {
    const response = await fetch(`${intake.url}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await response.text()).toContain(
      'belay_intake_refused_total{source="alertmanager",why="too-slow"}',
    );
  });
});

test('no secret is ever logged', () => {
  expect(log.lines.join('\n')).not.toMatch(/a-token-for-tests|an-older-token|a-password/);
});

describe('without a database', () => {
  test('503 when a commit takes too long, 202 once it goes through', async () => {
    const slow = await db.transaction().execute(async (transaction) => {
      await sql`LOCK TABLE inbox`.execute(transaction);
      return post(intake.url, groupOf({ fingerprint: 'slow' }));
    });
    expect(slow).toMatchObject({ status: 503, body: { error: 'the commit takes too long' } });
    expect(Number(slow.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await post(intake.url, groupOf({ fingerprint: 'slow' }))).status).toBe(202);
    expect(await rowsOf(db)).toHaveLength(1);
  });

  test('503 with Retry-After while PostgreSQL is away, 202 once it is back, nothing between is lost', async () => {
    await postgres.stop();
    const away = await post(intake.url, groupOf({ fingerprint: 'while-away' }));
    expect(away.status).toBe(503);
    expect(Number(away.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(away.body['error']).toContain('could not be committed');
    expect((await fetch(`${intake.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${intake.url}/healthz`)).status).toBe(200);
    postgres = await startPostgres({ dataFolder: folder.path, port });
    await ready();
    expect((await post(intake.url, groupOf({ fingerprint: 'while-away' }))).status).toBe(202);
    expect((await rowsOf(db)).map((row) => row.fingerprint)).toEqual(['while-away']);
  });
});
