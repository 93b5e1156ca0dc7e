/** Eight monitors' webhook bodies: each gives exactly the alert expected, and no body at all is thrown at. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { azureMonitor } from '../../activities/senders/azure-monitor.js';
import { datadog, payloadTemplate } from '../../activities/senders/datadog.js';
import { gcpMonitoring } from '../../activities/senders/gcp-monitoring.js';
import { grafana } from '../../activities/senders/grafana.js';
import { newrelic } from '../../activities/senders/newrelic.js';
import { startUnknown } from '../../activities/senders/normal.js';
import { opsgenie } from '../../activities/senders/opsgenie.js';
import { pagerduty } from '../../activities/senders/pagerduty.js';
import type { Parsed, Sender } from '../../activities/senders/sender.js';
import { sentry } from '../../activities/senders/sentry.js';
import { episodeOf } from '../../workflows/domain/alert.js';
import type { Alert } from '../../workflows/domain/alert.js';
import { canonical } from '../../workflows/domain/json.js';
import { bodies, type Golden } from './bodies/expected-a.js';
import { countOf, replaced } from '../support/replaced.js';

const senders: readonly Sender[] = [
  grafana,
  pagerduty,
  datadog,
  opsgenie,
  sentry,
  newrelic,
  azureMonitor,
  gcpMonitoring,
];

const folderOf = (source: string): URL => new URL(`./bodies/${source}/`, import.meta.url);

function bytesOf(source: string, name: string): Buffer {
  return readFileSync(new URL(`${name}.json`, folderOf(source)));
}

type Body = Record<string, unknown>;

function bodyOf(source: string, name: string): Body {
  return JSON.parse(bytesOf(source, name).toString('utf8')) as Body;
}

function senderOf(source: string): Sender {
  const found = senders.find((sender) => sender.source === source);
  if (found === undefined) throw new Error(`no sender ${source}`);
  return found;
}

function parsed(source: string, body: unknown): Parsed {
  return senderOf(source).parse(JSON.stringify(body));
}

function alertsOf(source: string, name: string): readonly Alert[] {
  const answer = senderOf(source).parse(bytesOf(source, name));
  if (answer.kind !== 'alerts') throw new Error(JSON.stringify(answer));
  return answer.alerts;
}

const all = Object.entries(bodies).flatMap(([source, files]) =>
  Object.entries(files).map(([name, golden]) => ({ source, name, golden })),
);

/** The end of an episode is written only where there is one. */
function goldenAlerts(golden: Extract<Golden, { alerts: unknown }>, source: string): Alert[] {
  return golden.alerts.map((alert) => ({ source, endsAt: null, ...alert }));
}

describe('every body gives what is expected of it, to the letter', () => {
  test.each(all)('$source/$name', ({ source, name, golden }) => {
    const answer = senderOf(source).parse(bytesOf(source, name));
    if ('alerts' in golden) {
      const { truncated = 0 } = golden;
      const alerts = goldenAlerts(golden, source);
      expect(answer).toEqual({ kind: 'alerts', alerts, truncated });
    } else {
      expect(answer).toEqual(golden);
    }
  });

  test.each(senders)('no body of $source is left out of the table', ({ source }) => {
    const files = readdirSync(folderOf(source)).map((file) => file.replace(/\.json$/, ''));
    expect(files.sort()).toEqual(Object.keys(bodies[source] ?? {}).sort());
    const kinds = new Set(files.map((name) => name.split('-')[0]));
    for (const kind of ['firing', 'resolved', 'nothing', 'unknown']) expect(kinds).toContain(kind);
  });
});

describe('firing, repeats and resolution of one episode have the same key', () => {
  test.each([
    ['grafana', ['firing', 'resolved']],
    ['pagerduty', ['firing', 'reopened', 'resolved']],
    ['datadog', ['firing', 'firing-renotify', 'firing-warn', 'resolved']],
    ['opsgenie', ['firing', 'resolved', 'resolved-deleted']],
    ['sentry', ['firing-metric', 'warning-metric', 'resolved-metric']],
    ['sentry', ['firing-issue', 'regressed-issue', 'resolved-issue']],
    ['newrelic', ['firing', 'firing-incident-added', 'resolved', 'resolved-closed-at']],
    ['azure-monitor', ['firing', 'firing-custom-properties', 'resolved']],
    ['gcp-monitoring', ['firing', 'firing-upper-case', 'resolved']],
  ])('%s: %j', (source, names) => {
    const alerts = names.flatMap((name) => alertsOf(source, name));
    expect(new Set(alerts.map(episodeOf)).size).toBe(1);
    expect(new Set(alerts.map((alert) => alert.name)).size).toBeLessThanOrEqual(2);
    expect(alerts.some(startUnknown)).toBe(false);
  });

  test('a Grafana that lost its alerts says only when the episode ended', () => {
    const body = bodyOf('grafana', 'resolved');
    const at = '2026-11-20T22:31:40Z';
    const answer = parsed('grafana', withValue(body, ['alerts', 0, 'startsAt'], at));
    expect(answer.kind === 'alerts' && answer.alerts.map(startUnknown)).toEqual([true]);
  });

  test('an Opsgenie alert whose id ends in its creation needs no createdAt', () => {
    const body = bodyOf('opsgenie', 'resolved');
    const answer = parsed('opsgenie', withValue(body, ['alert', 'createdAt'], undefined));
    const [fired] = alertsOf('opsgenie', 'firing');
    expect(answer.kind === 'alerts' && answer.alerts.map(episodeOf)).toEqual([
      fired && episodeOf(fired),
    ]);
  });

  test('two starts in one Datadog message are none', () => {
    const message = 'belay-start 1795212850000, and a tag said belay-start 1795212850001';
    const body = { ...bodyOf('datadog', 'firing'), message };
    expect(parsed('datadog', body).kind).toBe('unparsed');
  });

  test('every variable of the Datadog template that was not filled in is unparsed or wrong', () => {
    expect(parsed('datadog', payloadTemplate).kind).toBe('unparsed');
    for (const member of ['alert', 'transition', 'date'])
      expect(parsed('datadog', { ...bodyOf('datadog', 'firing'), [member]: '' }).kind).not.toBe(
        'alerts',
      );
  });
});

describe('a body that is wrong names the place and the fix', () => {
  test.each([
    ['grafana', 'firing', ['version'], undefined, 'custom payload'],
    ['grafana', 'firing', ['alerts'], [], 'version 1'],
    ['grafana', 'firing', ['alerts', 0, 'status'], 'pending', 'version 1'],
    ['grafana', 'firing', ['alerts', 0, 'startsAt'], '0001-01-01T00:00:00Z', 'RFC 3339'],
    ['grafana', 'firing', ['alerts', 0, 'labels', 'alertname'], '', 'alertname'],
    ['grafana', 'firing', ['alerts', 0, 'fingerprint'], '', 'fingerprint'],
    ['grafana', 'resolved', ['alerts', 0, 'endsAt'], '0001-01-01T00:00:00Z', 'RFC 3339'],
    ['pagerduty', 'firing', ['event'], undefined, 'version 3'],
    ['pagerduty', 'firing', ['event', 'event_type'], 1, 'version 3'],
    ['pagerduty', 'firing', ['event', 'data', 'created_at'], undefined, 'RFC 3339'],
    ['pagerduty', 'firing', ['event', 'data', 'id'], '', 'unchanged'],
    ['datadog', 'firing', ['transition'], undefined, '$ALERT_TRANSITION'],
    ['datadog', 'firing', ['alert'], '', '$AGGREG_KEY'],
    ['datadog', 'resolved', ['date'], 'yesterday', '$DATE'],
    ['datadog', 'resolved', ['date'], 1_795_212_850, '$DATE'],
    ['opsgenie', 'firing', ['action'], undefined, 'Opsgenie'],
    ['opsgenie', 'firing', ['alert', 'createdAt'], 1_795_212_850, 'milliseconds'],
    ['opsgenie', 'firing', ['alert', 'message'], 7, 'Opsgenie'],
    ['sentry', 'firing-metric', ['action'], undefined, 'legacy plugin'],
    ['sentry', 'firing-metric', ['data', 'metric_alert', 'date_started'], null, 'RFC 3339'],
    ['sentry', 'firing-issue', ['data', 'issue', 'id'], '', 'Sentry'],
    ['sentry', 'firing-event-alert', ['data', 'event', 'datetime'], 'now', 'RFC 3339'],
    ['newrelic', 'firing', ['id'], undefined, '{{ json issueId }}'],
    ['newrelic', 'firing', ['state'], '', '{{ json state }}'],
    ['newrelic', 'firing', ['createdAt'], '1795212850493', '{{ createdAt }}'],
    ['azure-monitor', 'firing', ['schemaId'], undefined, 'common alert schema'],
    ['azure-monitor', 'firing', ['data', 'essentials', 'alertId'], '', 'Azure'],
    ['azure-monitor', 'firing', ['data', 'essentials', 'firedDateTime'], '', 'RFC 3339'],
    ['azure-monitor', 'resolved', ['data', 'essentials', 'resolvedDateTime'], null, 'RFC 3339'],
    ['gcp-monitoring', 'firing', ['incident'], undefined, 'webhook channel'],
    ['gcp-monitoring', 'firing', ['incident', 'started_at'], 0, 'Unix seconds'],
    ['gcp-monitoring', 'resolved', ['incident', 'ended_at'], null, 'Unix seconds'],
    ['gcp-monitoring', 'firing', ['incident', 'policy_name'], '', 'Cloud Monitoring'],
  ])('%s/%s with %j being %j', (source, name, path, value, fix) => {
    const answer = parsed(source, withValue(bodyOf(source, name), path, value));
    if (answer.kind !== 'wrong') throw new Error(JSON.stringify(answer));
    const place = path.reduce<string>(
      (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}.${part}`),
      '',
    );
    const problem = answer.problems.find((each) => `.${each.path}` === place);
    expect(problem?.problem).not.toBe('');
    expect(problem?.fix).toContain(fix);
  });

  test.each(senders)('$source: what is no JSON object at all', ({ parse }) => {
    for (const raw of ['', 'nonsense', '[]', 'null', '7', '{}', '{"alerts":', '"text"']) {
      const answer = parse(raw);
      expect(answer.kind).toBe('wrong');
      if (answer.kind === 'wrong') expect(answer.problems[0]?.fix).not.toBe('');
    }
  });
});

describe('hostile bodies', () => {
  test.each(senders)('$source answers any bytes at all', ({ parse }) => {
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.json().map(Buffer.from));
    fc.assert(
      fc.property(bytes, (each) => {
        expect(parse(Buffer.from(each)).kind).not.toBe('alerts');
      }),
      { numRuns: 200 },
    );
  });

  test.each(senders)('$source answers a body with any one value replaced', (sender) => {
    const originals = Object.keys(bodies[sender.source] ?? {}).map((name) =>
      bodyOf(sender.source, name),
    );
    const value = fc.oneof(fc.jsonValue(), fc.string(), fc.double(), fc.constantFrom(...nasty));
    fc.assert(
      fc.property(fc.constantFrom(...originals), fc.nat(), value, (body, at, other) => {
        expectSound(parsed(sender.source, replaced(body, at, other) ?? null));
      }),
      { numRuns: 200 },
    );
  });

  test.each(senders)('$source answers each value of its bodies left out', (sender) => {
    for (const name of Object.keys(bodies[sender.source] ?? {})) {
      const body = bodyOf(sender.source, name);
      for (let at = 1; at < countOf(body); at++)
        expectSound(parsed(sender.source, replaced(body, at, undefined) ?? null));
    }
  });

  test.each(senders)('$source: an escaped NUL and long texts change nothing', (sender) => {
    const text = bytesOf(sender.source, firstFiring(sender.source)).toString('utf8');
    const hostile = text.replace('{', `{"${'n'.repeat(9_000)}":"\\u0000\\ud800",`);
    expectSound(sender.parse(hostile));
    expect(sender.parse(hostile).kind).toBe('alerts');
  });

  test.each(senders)('$source: nesting, __proto__ and constructor are refused', (sender) => {
    const text = bytesOf(sender.source, firstFiring(sender.source)).toString('utf8');
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    for (const evil of ['"__proto__":{"polluted":true}', '"constructor":1', `"deep":${deep}`]) {
      const answer = sender.parse(text.replace('{', `{${evil},`));
      expect(answer.kind).toBe('wrong');
      expectSound(answer);
    }
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

const nasty = [
  '__proto__',
  'toString',
  'constructor',
  'a\0b\ud800',
  'x'.repeat(5_000),
  '../../etc',
  1e308,
  -1,
  8.64e15,
  1.7e12,
  { __proto__x: 1, toString: 'x' },
  ['a', 1, null],
  ' ',
];

function firstFiring(source: string): string {
  const name = Object.keys(bodies[source] ?? {}).find((each) => each.startsWith('firing'));
  if (name === undefined) throw new Error(`no firing body of ${source}`);
  return name;
}

/** Whatever the answer, what follows can work with it: it can be stored, keyed, and told to a person. */
function expectSound(answer: Parsed): void {
  if (answer.kind === 'alerts') {
    expect(answer.alerts.length).toBeGreaterThan(0);
    answer.alerts.forEach(expectWellTyped);
  } else if (answer.kind === 'wrong') {
    expect(answer.problems.length).toBeGreaterThan(0);
    for (const problem of answer.problems) {
      expect(problem.fix).not.toBe('');
      expect(problem.problem).not.toBe('');
    }
  } else {
    expect(answer.why).not.toBe('');
    expect(answer.why.length).toBeLessThan(600);
  }
}

function expectWellTyped(alert: Alert): void {
  expect(alert.name).not.toBe('');
  expect(alert.severity).toBe(alert.severity.toLowerCase());
  expect(alert.service).not.toBe('');
  expect(episodeOf(alert)).toMatch(/^[A-Za-z0-9_-]{1,64}\.\d{12,13}$/);
  expect(alert.endsAt === null).toBe(alert.status === 'firing');
  if (alert.endsAt !== null) expect(Date.parse(alert.endsAt)).toBeGreaterThan(0);
  for (const text of [alert.name, alert.severity, alert.service, alert.environment])
    expect(text.length).toBeLessThanOrEqual(2_048);
  for (const text of [...Object.values(alert.labels), ...Object.values(alert.annotations)])
    expect(typeof text).toBe('string');
  expect(Object.keys(alert.labels).length).toBeLessThanOrEqual(64);
  expect(canonical(alert)).not.toMatch(/\\u0000|\\ud[89a-f]/i);
}

/** A copy in which the value at a path is another; undefined takes it out. */
function withValue(body: unknown, path: readonly (string | number)[], value: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return value;
  if (Array.isArray(body))
    return body.map((each, at) => (at === first ? withValue(each, rest, value) : each));
  const record = body as Body;
  return { ...record, [first]: withValue(record[first], rest, value) };
}
