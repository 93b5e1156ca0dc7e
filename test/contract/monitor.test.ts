/** The checks against monitors over HTTP and in the fake world, by one contract; then answers that must not be taken for well. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createServer, type Server } from 'node:http';
import { createMonitorAdapters, type MonitorSettings } from '../../activities/monitor/index.js';
import type { Implementation } from '../../activities/adapter.js';
import { freePort } from '../../scripts/servers/port.js';
import {
  alertCleared,
  measure,
  probeAnswers,
  queryBelow,
} from '../../workflows/actions/monitor.js';
import type { Alert } from '../../workflows/domain/alert.js';
import { createFakeWorld } from '../support/fake-world/fake-world.js';
import { failureOf, neverAborted } from './action-contract.js';
import { factOf } from './fact-of.js';

const labels = { alertname: 'ServiceDown', service: 'shop', severity: 'critical', cluster: 'demo' };
const alert: Alert = {
  source: 'alertmanager',
  fingerprint: 'f1',
  name: 'ServiceDown',
  status: 'firing',
  severity: 'critical',
  startsAt: '2026-11-21T10:00:00Z',
  endsAt: null,
  service: 'shop',
  environment: 'demo',
  labels,
  annotations: {},
  link: null,
};

/** What the stand-in for all monitors answers, by path; a path without an answer is never answered. */
let answers: Record<string, { status?: number; body: unknown }>;
let asked: string[];
let server: Server;
let url: string;

beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    asked.push(`${pathname}?${searchParams.toString()}`);
    const isDate = searchParams.get('query')?.startsWith('timestamp(') === true;
    const answer = answers[isDate ? 'timestamp' : pathname];
    if (answer === undefined) return;
    response.statusCode = answer.status ?? 200;
    const { body } = answer;
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});
beforeEach(() => {
  asked = [];
  answers = {};
  prometheusShows();
  alertmanagerShows();
  queryGives({ resultType: 'vector', result: [{ metric: {}, value: [1, '0.5'] }] });
  sampledAt(1_700_000_000.5);
  answers['/healthz'] = { body: 'ok' };
});

function prometheusShows(...alerts: { labels: object; state: string }[]): void {
  answers['/api/v1/alerts'] = { body: { status: 'success', data: { alerts } } };
}

function alertmanagerShows(...alerts: { labels: object; status: { state: string } }[]): void {
  answers['/api/v2/alerts'] = { body: alerts };
}

/** When the sample was taken that a query gives. */
function sampledAt(atSeconds: number): void {
  const result = [{ metric: {}, value: [1, String(atSeconds)] }];
  answers['timestamp'] = { body: { status: 'success', data: { resultType: 'vector', result } } };
}

function queryGives(data: unknown, extra: object = {}): void {
  answers['/api/v1/query'] = { body: { status: 'success', data, ...extra } };
}

function monitors(settings: Partial<MonitorSettings> = {}): readonly Implementation[] {
  return createMonitorAdapters({
    prometheusUrl: url,
    alertmanagerUrl: `${url}/`,
    services: { shop: { probeUrl: `${url}/healthz` } },
    ...settings,
  });
}

const cleared = (list = monitors()) => factOf(list, alertCleared)({ alert }, neverAborted);
const below = (limit: number, list = monitors()) =>
  factOf(list, queryBelow)({ query: 'error_ratio', limit }, neverAborted);
const measured = (list = monitors()) =>
  factOf(list, measure)({ query: 'error_ratio' }, neverAborted);
const probed = (service = 'shop', list = monitors()) =>
  factOf(list, probeAnswers)({ service }, neverAborted);

interface Watched {
  readonly implementations: () => readonly Implementation[];
  fires(): void;
  sample(value: number | undefined): void;
  unreadable(): void;
  down(): void;
}

function overHttp(): Watched {
  return {
    implementations: monitors,
    fires: () => prometheusShows({ labels, state: 'firing' }),
    sample: (value) => {
      const result = value === undefined ? [] : [{ metric: {}, value: [1, String(value)] }];
      queryGives({ resultType: 'vector', result });
    },
    unreadable: () => {
      answers = {
        '/api/v1/alerts': { status: 503, body: '' },
        '/api/v1/query': { status: 503, body: '' },
      };
      alertmanagerShows();
    },
    down: () => {
      answers['/healthz'] = { status: 500, body: '' };
    },
  };
}

function inTheFakeWorld(): Watched {
  const world = createFakeWorld({ now: Date.now });
  return {
    implementations: () => world.implementations,
    fires: () => world.alerts.firing('ServiceDown'),
    sample: (value) => world.alerts.answers('error_ratio', () => value),
    unreadable: () => world.alerts.unreadable('HTTP 503'),
    down: () => world.dies('shop'),
  };
}

describe.each([
  { where: 'over HTTP', fresh: overHttp },
  { where: 'in the fake world', fresh: inTheFakeWorld },
])('the monitors $where', ({ fresh }) => {
  test('an alert is cleared when no monitor shows it, and not while one does', async () => {
    const watched = fresh();
    expect(await cleared(watched.implementations())).toMatchObject({ well: true });
    watched.fires();
    expect(await cleared(watched.implementations())).toMatchObject({ well: false });
  });

  test('a query is well below the limit only: not at it, not without a sample', async () => {
    const watched = fresh();
    watched.sample(0.5);
    expect(await below(0.6, watched.implementations())).toMatchObject({ well: true });
    expect(await below(0.5, watched.implementations())).toMatchObject({ well: false });
    watched.sample(undefined);
    expect(await below(1, watched.implementations())).toMatchObject({ well: false });
  });

  test('a monitor that cannot be read is not well, and says so', async () => {
    const watched = fresh();
    watched.unreadable();
    for (const health of [
      await cleared(watched.implementations()),
      await below(1, watched.implementations()),
    ]) {
      expect(health.well).toBe(false);
      expect(health.seen).toMatch(/could not be read.*HTTP 503/);
    }
  });

  test('a probe is well when the service answers', async () => {
    const watched = fresh();
    expect(await probed('shop', watched.implementations())).toMatchObject({ well: true });
    watched.down();
    expect(await probed('shop', watched.implementations())).toMatchObject({ well: false });
  });
});

describe('the alert that is meant', () => {
  const { cluster: external, ...own } = labels;

  test('is recognised in Prometheus without its external labels', async () => {
    expect(external).toBe('demo');
    prometheusShows({ labels: own, state: 'firing' });
    expect(await cleared()).toMatchObject({ well: false });
  });

  test('is not another one of the same name', async () => {
    prometheusShows({ labels: { ...own, service: 'cart' }, state: 'firing' });
    alertmanagerShows({ labels: { ...labels, service: 'cart' }, status: { state: 'active' } });
    expect(await cleared()).toMatchObject({ well: true });
  });

  test('still fires while it is pending again, and while it is silenced', async () => {
    prometheusShows({ labels: own, state: 'pending' });
    expect((await cleared()).seen).toMatch(/Prometheus shows it as pending/);
    prometheusShows();
    alertmanagerShows({ labels, status: { state: 'suppressed' } });
    expect((await cleared()).seen).toMatch(/Alertmanager shows it as suppressed/);
  });

  test('is asked for by its name, whatever stands in that', async () => {
    const name = 'a"}\\b';
    const hostile = { ...alert, name, labels: { ...labels, alertname: name } };
    await factOf(monitors(), alertCleared)({ alert: hostile }, neverAborted);
    const query = new URLSearchParams(
      asked.find((path) => path.startsWith('/api/v2'))?.split('?')[1],
    );
    expect(query.get('filter')).toBe('alertname="a\\"}\\\\b"');
  });

  test('needs a clear word of every configured monitor', async () => {
    answers['/api/v2/alerts'] = { body: 'not json' };
    const health = await cleared();
    expect(health.well).toBe(false);
    expect(health.seen).toMatch(/Prometheus does not show it; Alertmanager could not be read/);
  });
});

describe('never taken for well', () => {
  test.each([
    ['NaN', { resultType: 'vector', result: [{ value: [1, 'NaN'] }] }, /no number/],
    ['-Inf', { resultType: 'vector', result: [{ value: [1, '-Inf'] }] }, /no number/],
    [
      'several samples',
      { resultType: 'vector', result: [{ value: [1, '0'] }, { value: [1, '0'] }] },
      /2 samples/,
    ],
    ['a matrix', { resultType: 'matrix', result: [] }, /another shape/],
  ])('a query that gives %s', async (_what, data, seen) => {
    queryGives(data);
    const health = await below(1);
    expect(health.well).toBe(false);
    expect(health.seen).toMatch(seen);
  });

  test('a query that is answered with a warning', async () => {
    queryGives({ resultType: 'scalar', result: [1, '0'] });
    expect(await below(1)).toMatchObject({ well: true });
    queryGives({ resultType: 'scalar', result: [1, '0'] }, { warnings: ['one store is away'] });
    expect((await below(1)).seen).toMatch(/one store is away/);
  });

  test('an answer of another shape, an error in its own words, and no answer', async () => {
    answers['/api/v1/alerts'] = { body: { status: 'error', error: 'x' } };
    expect((await cleared()).seen).toMatch(/Prometheus could not be read: .*shape/);
    delete answers['/api/v1/alerts'];
    const hasty = { signal: AbortSignal.timeout(100) };
    const health = await factOf(monitors(), alertCleared)({ alert }, hasty);
    expect(health.seen).toMatch(/Prometheus could not be read: no answer in time/);
  });

  test('a probe that leads elsewhere, or to nobody', async () => {
    answers['/healthz'] = { status: 302, body: '' };
    expect(await probed()).toMatchObject({ well: false });
    const services = { shop: { probeUrl: `http://127.0.0.1:${await freePort()}/` } };
    expect((await probed('shop', monitors({ services }))).seen).toMatch(/ECONNREFUSED/);
  });
});

describe('a number', () => {
  test('comes with when it was sampled, and not with when it was asked for', async () => {
    expect(await measured()).toEqual({ value: 0.5, observedAtMs: 1_700_000_000_500 });
    expect(await below(1)).toMatchObject({ well: true, observedAtMs: 1_700_000_000_500 });
    expect(asked).toContain('/api/v1/query?query=timestamp%28error_ratio%29');
  });

  test('whose date cannot be read has none', async () => {
    answers['timestamp'] = { status: 503, body: '' };
    expect(await below(1)).toEqual({ well: true, seen: '0.5, wanted below 1' });
    expect((await failureOf(measured())).kind).toBe('transient');
  });

  test.each([
    ['none', []],
    ['two', [{ value: [1, '0'] }, { value: [1, '0'] }]],
    ['one that is no number', [{ value: [1, 'NaN'] }]],
  ])('is not made of %s', async (_what, result) => {
    queryGives({ resultType: 'vector', result });
    expect((await failureOf(measured())).kind).toBe('failed');
  });
});

describe('a missing setting is a failure that names it', () => {
  const nothing = createMonitorAdapters({ services: {} });

  test('no monitor at all', async () => {
    expect((await failureOf(cleared(nothing))).message).toMatch(/prometheusUrl, alertmanagerUrl/);
    expect((await failureOf(below(1, nothing))).message).toMatch(/prometheusUrl/);
  });

  test('no probe of the service', async () => {
    expect((await failureOf(probed('cart', nothing))).message).toMatch(/services\.cart\.probeUrl/);
  });
});
