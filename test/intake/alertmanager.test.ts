/** Alertmanager's webhook bodies: real ones are read, mutated ones are refused with the place, none throws. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse } from '../../activities/senders/alertmanager.js';
import { senderOf, senders } from '../../activities/senders/index.js';
import { episodeOf } from '../../workflows/domain/alert.js';
import type { Alert } from '../../workflows/domain/alert.js';
import { canonical } from '../../workflows/domain/json.js';
import { replaced } from '../support/replaced.js';

const folder = new URL('../fixtures/alertmanager/', import.meta.url);
const fixtures = readdirSync(folder).filter((name) => name.endsWith('.json'));

interface Body {
  alerts: Record<string, unknown>[];
  [field: string]: unknown;
}

function fixture(name: string): Body {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Body;
}

const firing = (): Body => fixture('alertmanager-v4-prometheus-firing.json');

function alertsOf(body: unknown): readonly Alert[] {
  const parsed = parse(JSON.stringify(body));
  if (parsed.kind !== 'alerts') throw new Error(JSON.stringify(parsed));
  return parsed.alerts;
}

function pathsOf(body: unknown): string[] {
  const parsed = parse(typeof body === 'string' ? body : JSON.stringify(body));
  return parsed.kind === 'wrong' ? parsed.problems.map((problem) => problem.path) : [];
}

function withAlert(change: Record<string, unknown>): Body {
  const body = firing();
  body.alerts[0] = { ...body.alerts[0], ...change };
  return body;
}

describe('bodies of a real Alertmanager', () => {
  test.each(fixtures)('%s gives one alert per alert of the group', (name) => {
    const body = fixture(name);
    const alerts = alertsOf(body);
    expect(alerts.map((alert) => alert.fingerprint)).toEqual(
      body.alerts.map((alert) => alert['fingerprint']),
    );
    for (const alert of alerts) {
      expect(alert.source).toBe('alertmanager');
      expect(alert.endsAt === null).toBe(alert.status === 'firing');
      expect(episodeOf(alert)).toMatch(/^[A-Za-z0-9_-]+\.\d+$/);
    }
  });

  test('firing and resolved of one episode have the same key', () => {
    const [fired] = alertsOf(firing());
    const [resolved] = alertsOf(fixture('alertmanager-v4-prometheus-resolved.json'));
    expect(fired && episodeOf(fired)).toBe(resolved && episodeOf(resolved));
  });

  test('what the sender left out is counted', () => {
    const parsed = parse(JSON.stringify(fixture('alertmanager-v4-truncated.json')));
    expect(parsed.kind === 'alerts' && parsed.truncated).toBe(1);
  });

  test('bytes with a byte order mark are read', () => {
    const bytes = Buffer.from(`\ufeff${JSON.stringify(firing())}`, 'utf8');
    expect(parse(bytes).kind).toBe('alerts');
  });
});

describe('normalising', () => {
  const labelled = (labels: Record<string, string>): Alert | undefined =>
    alertsOf(withAlert({ labels: { alertname: 'ServiceDown', ...labels } }))[0];

  test('the service is the label service, else job, else instance', () => {
    expect(labelled({ service: 's', job: 'j', instance: 'i' })?.service).toBe('s');
    expect(labelled({ job: 'j', instance: 'i' })?.service).toBe('j');
    expect(labelled({ service: '', instance: 'i' })?.service).toBe('i');
    expect(labelled({})?.service).toBe('unknown');
  });

  test('the environment is the label environment, else env, else cluster, else none', () => {
    expect(labelled({ environment: 'e', env: 'v', cluster: 'c' })?.environment).toBe('e');
    expect(labelled({ env: 'v', cluster: 'c' })?.environment).toBe('v');
    expect(labelled({ cluster: 'c' })?.environment).toBe('c');
    expect(labelled({})?.environment).toBe('');
  });

  test('startsAt keeps the text of the sender, nanoseconds and all', () => {
    const startsAt = '2026-11-21T01:03:41.628155767Z';
    expect(alertsOf(withAlert({ startsAt }))[0]?.startsAt).toBe(startsAt);
  });

  test('only web links are kept', () => {
    const linkOf = (generatorURL: string): string | null | undefined =>
      alertsOf(withAlert({ generatorURL }))[0]?.link;
    expect(linkOf('http://prometheus:9090/graph?g0.expr=up')).toContain('http://prometheus');
    expect(linkOf('')).toBeNull();
    expect(linkOf('javascript:alert(1)')).toBeNull();
  });

  test('characters PostgreSQL cannot store are replaced, long annotations are cut', () => {
    const annotations = { summary: 'a\0b\ud800', long: 'x'.repeat(10_000) };
    const [alert] = alertsOf(withAlert({ annotations }));
    expect(alert?.annotations['summary']).toBe('a\ufffdb\ufffd');
    expect(alert?.annotations['long']).toHaveLength(4_000);
  });
});

describe('a body that is refused names the place', () => {
  test.each([
    ['', 'is empty'],
    ['{"alerts": [', 'not JSON'],
    ['nonsense', 'not JSON'],
    ['{"version": "4",}', 'not JSON at character 16'],
    [Buffer.from([0x7b, 0xff, 0x7d]), 'not UTF-8'],
  ])('%p: %s', (raw, problem) => {
    const parsed = parse(raw);
    if (parsed.kind !== 'wrong') throw new Error('it was accepted');
    expect(parsed.problems[0]?.problem).toContain(problem);
    expect(parsed.problems[0]?.fix).not.toBe('');
  });

  test.each([
    [[], ''],
    [null, ''],
    [{ ...firing(), version: '3' }, 'version'],
    [{ ...firing(), alerts: [] }, 'alerts'],
    [{ ...firing(), alerts: 'all' }, 'alerts'],
    [{ ...firing(), truncatedAlerts: -1 }, 'truncatedAlerts'],
    [withAlert({ status: 'pending' }), 'alerts[0].status'],
    [withAlert({ startsAt: '0001-01-01T00:00:00Z' }), 'alerts[0].startsAt'],
    [withAlert({ startsAt: 'yesterday' }), 'alerts[0].startsAt'],
    [withAlert({ startsAt: 1 }), 'alerts[0].startsAt'],
    [withAlert({ startsAt: '2026' }), 'alerts[0].startsAt'],
    [withAlert({ status: 'resolved' }), 'alerts[0].endsAt'],
    [withAlert({ fingerprint: '../../etc' }), 'alerts[0].fingerprint'],
    [withAlert({ labels: { alertname: 'A', n: 1 } }), 'alerts[0].labels.n'],
    [withAlert({ labels: { job: 'j' } }), 'alerts[0].labels.alertname'],
    [withAlert({ labels: ['alertname'] }), 'alerts[0].labels'],
    [withAlert({ annotations: null }), 'alerts[0].annotations'],
  ])('case %#: %j', (body, path) => {
    expect(pathsOf(body)).toContain(path);
  });

  test('the second alert of a group is named by its index', () => {
    const body = fixture('alertmanager-v4-group-mixed.json');
    body.alerts[1] = { ...body.alerts[1], startsAt: 'never' };
    expect(pathsOf(body)).toEqual(['alerts[1].startsAt']);
  });

  test.each(['version', 'status', 'receiver', 'groupKey', 'alerts'])('without %s', (field) => {
    const body = firing();
    delete body[field];
    expect(pathsOf(body)).toContain(field);
  });

  test.each(['status', 'labels', 'annotations', 'startsAt', 'endsAt', 'fingerprint'])(
    'without an alert of %s',
    (field) => {
      const body = firing();
      delete body.alerts[0]?.[field];
      expect(pathsOf(body)).toContain(`alerts[0].${field}`);
    },
  );

  test('a body with hundreds of problems lists the first 20', () => {
    const alerts = Array.from({ length: 300 }, () => ({}));
    expect(pathsOf({ ...firing(), alerts })).toHaveLength(20);
  });
});

describe('hostile bodies', () => {
  test.each(['__proto__', 'constructor', 'prototype'])('%s as a label is refused', (name) => {
    const text = JSON.stringify(withAlert({}));
    const parsed = parse(text.replace('"labels":{', `"labels":{"${name}":"x",`));
    const problem = { path: `alerts[0].labels.${name}`, problem: 'is a name that is not taken' };
    expect(parsed).toMatchObject({ kind: 'wrong', problems: [problem] });
  });

  test('nesting a hundred thousand deep is answered', () => {
    const deep = `{"version":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(parse(deep).kind).toBe('wrong');
  });

  test('any bytes at all are answered, never thrown at', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(parse(Buffer.from(bytes)).kind).toBe('wrong');
      }),
    );
  });

  test('a body with one value replaced by any JSON is refused or is still well typed', () => {
    const bodies = fixtures.map(fixture);
    fc.assert(
      fc.property(fc.constantFrom(...bodies), fc.nat(), fc.jsonValue(), (body, at, value) => {
        const parsed = parse(JSON.stringify(replaced(body, at, value)));
        if (parsed.kind === 'alerts') parsed.alerts.forEach(expectWellTyped);
      }),
      { numRuns: 2_000 },
    );
  });
});

function expectWellTyped(alert: Alert): void {
  const texts = [alert.name, alert.fingerprint, alert.severity, alert.service, alert.environment];
  const values = [...Object.values(alert.labels), ...Object.values(alert.annotations)];
  for (const text of [...texts, ...values]) expect(typeof text).toBe('string');
  expect(['firing', 'resolved']).toContain(alert.status);
  expect(() => episodeOf(alert)).not.toThrow();
  expect(canonical(alert)).not.toContain('\\u0000');
}

test('every sender is listed once and found by its source', () => {
  expect(new Set(senders.map((sender) => sender.source)).size).toBe(senders.length);
  expect(senderOf('alertmanager')?.parse).toBe(parse);
  expect(senderOf('toString')).toBeUndefined();
});
