/** Nine formats by their bodies: every fixture gives exactly what expected-b.json says, hostile ones are answered. */
import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cloudevents } from '../../activities/senders/cloudevents.js';
import { cloudwatch } from '../../activities/senders/cloudwatch.js';
import { defineMapping, generic, genericOf } from '../../activities/senders/generic.js';
import { github } from '../../activities/senders/github.js';
import type { PathOf } from '../../activities/senders/mapping.js';
import { startUnknown } from '../../activities/senders/normal.js';
import type { Headers, Parsed, Sender } from '../../activities/senders/sender.js';
import { standardWebhooks } from '../../activities/senders/standard-webhooks.js';
import { uptimeKuma } from '../../activities/senders/uptime-kuma.js';
import { zabbix, zabbixParameters } from '../../activities/senders/zabbix.js';
import { episodeOf, type Alert } from '../../workflows/domain/alert.js';
import { countOf, replaced } from '../support/replaced.js';

const folder = new URL('./bodies/', import.meta.url);

function textOf(path: string): string {
  return readFileSync(new URL(path, folder), 'utf8');
}

type Body = Record<string, unknown>;

function bodyOf(path: string): Body {
  return JSON.parse(textOf(path)) as Body;
}

const probe = defineMapping({
  name: 'probe',
  sample: {
    kind: 'probe',
    probe: { id: 7, name: 'checkout', region: 'eu-1' },
    state: 'down',
    level: 'P1',
    since: '2026-11-21T01:03:41Z',
    until: '',
    message: '',
    page: '',
  },
  when: { at: 'kind', is: ['probe'] },
  alert: {
    fingerprint: ['probe.id', 'probe.region'],
    name: { constant: 'ProbeDown' },
    status: { at: 'state', values: { down: 'firing', up: 'resolved', paused: 'nothing' } },
    severity: { at: 'level', values: { P1: 'critical', P2: 'warning' } },
    startsAt: { at: 'since' },
    endsAt: { at: 'until' },
    service: { at: 'probe.name' },
    environment: { constant: 'production' },
    labels: { region: { at: 'probe.region', or: 'nowhere' } },
    annotations: { message: { at: 'message' } },
    link: { at: 'page' },
  },
});

const backup = defineMapping({
  name: 'backup',
  sample: {
    type: 'backup.finished',
    backup: { database: 'orders', host: 'db-2' },
    checks: [{ name: 'size', ok: false }],
    started_ms: 1_795_223_021_628,
    ended_ms: 0,
    severity: 'Major',
  },
  when: { at: 'type', is: ['backup.finished', 'backup.failed'] },
  alert: {
    fingerprint: ['backup.database'],
    name: { constant: 'BackupIncomplete' },
    status: { at: 'checks.0.ok', values: { false: 'firing', true: 'resolved' } },
    severity: { at: 'severity' },
    startsAt: { at: 'started_ms', as: 'unix-milliseconds' },
    endsAt: { at: 'ended_ms', as: 'unix-milliseconds' },
    service: { at: 'backup.database' },
    labels: { host: { at: 'backup.host' } },
  },
});

const senders: readonly Sender[] = [
  cloudwatch,
  zabbix,
  github,
  uptimeKuma,
  cloudevents,
  standardWebhooks,
  genericOf([probe, backup]),
];

function senderOf(path: string): Sender {
  const found = senders.find(({ source }) => path.startsWith(`${source}/`));
  if (found === undefined) throw new Error(`no sender for ${path}`);
  return found;
}

function fixturesOf({ source }: Sender): string[] {
  return readdirSync(new URL(`${source}/`, folder)).map((name) => `${source}/${name}`);
}

function parsed(path: string, headers?: Headers): Parsed {
  return senderOf(path).parse(textOf(path), headers);
}

function alertOf(path: string): Alert {
  const answer = parsed(path);
  const alert = answer.kind === 'alerts' ? answer.alerts[0] : undefined;
  if (alert === undefined) throw new Error(`${path}: ${JSON.stringify(answer)}`);
  return alert;
}

/** The path and the fix of every problem. */
function problemsOf(answer: Parsed): readonly string[] {
  if (answer.kind !== 'wrong') throw new Error(`it was not refused: ${JSON.stringify(answer)}`);
  for (const { fix, problem } of answer.problems) expect([fix, problem]).not.toContain('');
  return answer.problems.map(({ path }) => path);
}

const expected = JSON.parse(textOf('expected-b.json')) as Record<string, Parsed>;
const fixtures = senders.flatMap(fixturesOf);

describe('every body', () => {
  test.each(fixtures)('%s gives exactly what is expected', (path) => {
    expect(parsed(path)).toEqual(expected[path]);
  });

  test('is expected to give something, and nothing else is', () => {
    expect(Object.keys(expected).toSorted()).toEqual(fixtures.toSorted());
  });
});

describe('firing and resolved of one episode', () => {
  test.each([
    ['zabbix/firing.json', 'zabbix/resolved.json'],
    ['uptime-kuma/firing.json', 'uptime-kuma/resolved.json'],
    ['cloudevents/firing.json', 'cloudevents/resolved.json'],
    ['standard-webhooks/firing.json', 'standard-webhooks/resolved.json'],
    ['generic/probe-firing.json', 'generic/probe-resolved.json'],
    ['generic/backup-firing.json', 'generic/backup-resolved.json'],
  ])('%s and %s have the same key', (fired, resolved) => {
    expect(alertOf(fired).status).toBe('firing');
    expect(alertOf(resolved).status).toBe('resolved');
    expect(episodeOf(alertOf(resolved))).toBe(episodeOf(alertOf(fired)));
    expect(startUnknown(alertOf(resolved))).toBe(false);
  });

  test.each([
    ['cloudwatch/firing.json', 'cloudwatch/resolved.json'],
    ['cloudwatch/composite-firing.json', 'cloudwatch/composite-resolved.json'],
    ['github/workflow-firing.json', 'github/workflow-resolved.json'],
    ['github/deployment-firing.json', 'github/deployment-resolved.json'],
    ['uptime-kuma/old-firing.json', 'uptime-kuma/old-resolved.json'],
  ])(
    '%s and %s have the same fingerprint, and the start is known to be unknown',
    (fired, resolved) => {
      expect(alertOf(resolved).fingerprint).toBe(alertOf(fired).fingerprint);
      expect(startUnknown(alertOf(fired))).toBe(false);
      expect(startUnknown(alertOf(resolved))).toBe(true);
    },
  );

  test('no two alerts of different things share a fingerprint', () => {
    const fired = fixtures.flatMap((path) => {
      const answer = parsed(path);
      return answer.kind === 'alerts' && path.includes('firing') ? answer.alerts : [];
    });
    const keys = fired.map(({ source, fingerprint }) => `${source} ${fingerprint}`);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test('a run of a fork ends nothing of the repository it was forked from', () => {
    const fork = alertOf('github/workflow-fork-resolved.json').fingerprint;
    expect(fork).not.toBe(alertOf('github/workflow-firing.json').fingerprint);
  });
});

describe('cloudwatch', () => {
  test('keys are read whatever their case', () => {
    const body = bodyOf('cloudwatch/composite-firing.json');
    const inner = JSON.parse(String(body['Message'])) as Body;
    const lowered = Object.entries(inner).map(([key, value]) => {
      return [`${key.slice(0, 1).toLowerCase()}${key.slice(1)}`, value] as const;
    });
    const Message = JSON.stringify(Object.fromEntries(lowered));
    const answer = cloudwatch.parse(JSON.stringify({ ...body, Message }));
    expect(answer).toEqual(parsed('cloudwatch/composite-firing.json'));
  });

  test('an alarm without the envelope of SNS is refused: it is not signed', () => {
    const body = bodyOf('cloudwatch/firing.json');
    const paths = problemsOf(cloudwatch.parse(String(body['Message'])));
    expect(paths).toEqual(['Type', 'MessageId', 'TopicArn', 'Message']);
  });

  test('an alarm of an unknown shape is kept, with the place', () => {
    const body = bodyOf('cloudwatch/firing.json');
    const inner = JSON.parse(String(body['Message'])) as Body;
    const Message = JSON.stringify({ ...inner, StateChangeTime: 'yesterday' });
    const answer = cloudwatch.parse(JSON.stringify({ ...body, Message }));
    expect(answer).toEqual({
      kind: 'unparsed',
      why: 'no CloudWatch alarm: Message.statechangetime: is no RFC 3339 instant after 1970',
    });
  });
});

describe('github', () => {
  const event = (name: string): Headers => ({ 'x-github-event': name });

  test.each(fixturesOf(github))('%s is the same with its header', (path) => {
    const [kind = ''] = /ping|deployment|workflow/.exec(path) ?? ['push'];
    const header = { deployment: 'deployment_status', workflow: 'workflow_run' }[kind] ?? kind;
    expect(parsed(path, event(header)).kind).toBe(parsed(path).kind);
  });

  test('an event that is not known is kept by the name in its header', () => {
    const push = { ref: 'refs/heads/main', repository: { full_name: 'a/b' }, sender: {} };
    expect(github.parse(JSON.stringify(push), event('push'))).toEqual({
      kind: 'unparsed',
      why: `GitHub's "push" is not known here`,
    });
  });

  test('the body counts, whatever the header says: only the body is signed', () => {
    for (const name of ['workflow_run', 'ping', 'deployment_review']) {
      const answer = parsed('github/deployment-firing.json', event(name));
      expect(answer).toEqual(parsed('github/deployment-firing.json'));
    }
  });
});

describe('cloudevents', () => {
  const { data, datacontenttype: type, ...attributes } = bodyOf('cloudevents/firing.json');
  const binary: Headers = {
    'content-type': String(type),
    ...Object.fromEntries(
      Object.entries(attributes).map(([name, text]) => [`ce-${name}`, String(text)]),
    ),
  };

  test('an alert with its attributes in headers is the same as one with them in the body', () => {
    const answer = cloudevents.parse(JSON.stringify(data), binary);
    expect(answer).toEqual(parsed('cloudevents/firing.json'));
  });

  test('another type in headers is kept without a look at the body, whatever that is', () => {
    const headers = { ...binary, 'ce-type': 'com.example%20order' };
    expect(cloudevents.parse(Buffer.from([0xff]), headers)).toMatchObject({
      kind: 'unparsed',
      why: expect.stringContaining('"com.example order"'),
    });
  });

  test('the media type of structured events counts for more than headers', () => {
    const headers = {
      ...binary,
      'content-type': 'application/cloudevents+json',
      'ce-type': 'other',
    };
    expect(parsed('cloudevents/firing.json', headers).kind).toBe('alerts');
  });

  test('attributes missing in headers are named as headers', () => {
    const answer = cloudevents.parse('{}', { 'ce-specversion': '0.3', 'ce-data': '{}' });
    expect(problemsOf(answer)).toEqual(['ce-specversion', 'ce-id', 'ce-source', 'ce-type']);
  });

  test('a problem in a batch is named by its index', () => {
    const batch = JSON.parse(textOf('cloudevents/batch.json')) as { data: Body }[];
    batch[1] = { ...batch[1], data: { ...batch[1]?.data, startsAt: 'soon', labels: { a: 1 } } };
    const paths = problemsOf(cloudevents.parse(JSON.stringify(batch)));
    expect(paths).toEqual(['[1].data.startsAt', '[1].data.labels.a']);
  });
});

describe('generic', () => {
  test('without mappings keeps everything unparsed', () => {
    expect(generic.parse(textOf('generic/probe-firing.json')).kind).toBe('unparsed');
  });

  test('a mapping whose sample gives no alert stops the program with the path', () => {
    const sample = { id: 1, state: 'down', at: 'yesterday' };
    const define = (is: string): unknown =>
      defineMapping({
        name: 'late',
        sample,
        when: { at: 'state', is: [is] },
        alert: {
          fingerprint: ['id'],
          name: { constant: 'Late' },
          status: { at: 'state', values: { down: 'firing' } },
          startsAt: { at: 'at' },
          endsAt: { at: 'at' },
        },
      });
    expect(() => define('down')).toThrow('late: its sample gives no alert: at is no RFC 3339');
    expect(() => define('up')).toThrow('late: its sample has none of up at state');
  });

  test('paths are those of the sample: the compiler refuses any other', () => {
    interface Sample {
      readonly a: { readonly b: string; readonly 'c.d': string };
      readonly list: readonly { readonly e: number }[];
    }
    type Has<Path> = Path extends PathOf<Sample> ? true : false;
    const taken: [Has<'a.b'>, Has<'list.0.e'>, Has<'a'>] = [true, true, true];
    const refused: [Has<'a.x'>, Has<'a.c.d'>, Has<'list.e'>] = [false, false, false];
    expect([...taken, ...refused]).toEqual([true, true, true, false, false, false]);
  });
});

test('the parameters of the Zabbix media type are those its bodies have', () => {
  expect(Object.keys(bodyOf('zabbix/firing.json'))).toEqual(Object.keys(zabbixParameters));
});

describe('a body that is refused names the place and the fix', () => {
  const without = (path: string, ...fields: string[]): Body => {
    const kept = Object.entries(bodyOf(path)).filter(([field]) => !fields.includes(field));
    return Object.fromEntries(kept);
  };
  const within = (path: string, field: string, change: Body): Body => {
    const body = bodyOf(path);
    return { ...body, [field]: { ...(body[field] as Body), ...change } };
  };

  test.each<[string, unknown, readonly string[]]>([
    ['cloudwatch/', [], ['']],
    ['cloudwatch/', without('cloudwatch/firing.json', 'Message'), ['Message']],
    ['cloudwatch/', { ...bodyOf('cloudwatch/firing.json'), TopicArn: 'mine' }, ['TopicArn']],
    ['zabbix/', without('zabbix/firing.json', 'format'), ['format']],
    ['zabbix/', without('zabbix/firing.json', 'event_id', 'name'), ['event_id', 'name']],
    ['zabbix/', { ...bodyOf('zabbix/firing.json'), started_at: '01:03:41' }, ['started_at']],
    ['zabbix/', { ...bodyOf('zabbix/firing.json'), event_value: '2' }, ['event_value']],
    ['zabbix/', { ...bodyOf('zabbix/resolved.json'), recovered_at: '' }, ['recovered_at']],
    ['github/', { payload: 'form' }, ['']],
    ['github/', without('github/workflow-firing.json', 'repository'), ['repository']],
    [
      'github/',
      within('github/workflow-firing.json', 'workflow_run', { updated_at: 'now' }),
      ['workflow_run.updated_at'],
    ],
    [
      'github/',
      within('github/deployment-firing.json', 'deployment_status', { created_at: 1 }),
      ['deployment_status.created_at'],
    ],
    ['uptime-kuma/', without('uptime-kuma/firing.json', 'heartbeat'), ['heartbeat']],
    [
      'uptime-kuma/',
      within('uptime-kuma/firing.json', 'heartbeat', { time: '2026-13-41 01:03:41' }),
      ['heartbeat.time'],
    ],
    ['uptime-kuma/', within('uptime-kuma/firing.json', 'monitor', { id: '7' }), ['monitor.id']],
    ['cloudevents/', { ...bodyOf('cloudevents/firing.json'), specversion: '0.3' }, ['specversion']],
    ['cloudevents/', without('cloudevents/firing.json', 'data'), ['data']],
    ['cloudevents/', { ...bodyOf('cloudevents/firing.json'), data_base64: '' }, ['data_base64']],
    [
      'cloudevents/',
      within('cloudevents/resolved.json', 'data', { endsAt: null }),
      ['data.endsAt'],
    ],
    ['standard-webhooks/', without('standard-webhooks/firing.json', 'timestamp'), ['timestamp']],
    [
      'standard-webhooks/',
      within('standard-webhooks/firing.json', 'data', { name: ' ', fingerprint: '' }),
      ['data.fingerprint', 'data.name'],
    ],
    ['generic/', without('generic/probe-firing.json', 'since'), ['since']],
    ['generic/', without('generic/probe-firing.json', 'state'), ['state']],
    ['generic/', within('generic/probe-firing.json', 'probe', { id: null }), ['probe.id']],
    [
      'generic/',
      { ...bodyOf('generic/backup-resolved.json'), ended_ms: 1_795_224_003 },
      ['ended_ms'],
    ],
  ])('case %#: %s %j', (path, body, paths) => {
    expect(problemsOf(senderOf(path).parse(JSON.stringify(body)))).toEqual(paths);
  });
});

describe('hostile bodies', () => {
  const hostile = 'https://a.example/\0\ud800';

  test.each(senders)('$source: any bytes at all are answered, never thrown at', (sender) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(sender.parse(Buffer.from(bytes)).kind).not.toBe('alerts');
      }),
      { numRuns: 200 },
    );
  });

  test.each(senders)(
    '$source: one value replaced by any JSON is answered and well typed',
    (sender) => {
      const bodies = fixturesOf(sender).map((path) => JSON.parse(textOf(path)) as unknown);
      const value = fc.oneof(fc.jsonValue(), fc.constantFrom('', -1, 1e300, {}, []));
      fc.assert(
        fc.property(fc.constantFrom(...bodies), fc.nat(), value, (body, at, other) => {
          expectSound(sender.parse(JSON.stringify(replaced(body, at, other))));
        }),
        { numRuns: 400 },
      );
    },
  );

  test.each(senders)('$source: every value in turn is a text no database takes', (sender) => {
    for (const path of fixturesOf(sender)) {
      const body = JSON.parse(textOf(path)) as unknown;
      for (let at = 0; at < countOf(body); at++)
        expectSound(sender.parse(JSON.stringify(replaced(body, at, hostile))));
    }
  });

  test('cloudwatch: the same for one value of the alarm inside', () => {
    const bodies = fixturesOf(cloudwatch)
      .filter((path) => path.includes('firing'))
      .map(bodyOf);
    fc.assert(
      fc.property(fc.constantFrom(...bodies), fc.nat(), fc.jsonValue(), (body, at, other) => {
        const inner = JSON.parse(String(body['Message'])) as unknown;
        const Message = JSON.stringify(replaced(inner, at, other));
        expectSound(cloudwatch.parse(JSON.stringify({ ...body, Message })));
      }),
      { numRuns: 400 },
    );
  });

  test('cloudevents: any headers are answered', () => {
    const names = fc.constantFrom(
      'ce-id',
      'ce-type',
      'ce-source',
      'ce-specversion',
      'content-type',
    );
    fc.assert(
      fc.property(fc.dictionary(names, fc.string()), (headers) => {
        expectSound(cloudevents.parse(textOf('cloudevents/firing.json'), headers));
      }),
      { numRuns: 200 },
    );
  });

  test.each(senders)('$source: nesting, __proto__ and constructor are never alerts', (sender) => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    for (const path of fixturesOf(sender).filter((each) => textOf(each).includes('{\n'))) {
      for (const evil of ['"__proto__":{"polluted":1}', '"constructor":1', `"deep":${deep}`]) {
        const answer = sender.parse(textOf(path).replace('{\n', `{${evil},`));
        expect(answer.kind).toBe('wrong');
        expectSound(answer);
      }
    }
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});

/** Whatever came, the answer can be stored and reported. */
function expectSound(answer: Parsed): void {
  if (answer.kind === 'nothing' || answer.kind === 'unparsed') expect(answer.why).not.toBe('');
  if (answer.kind === 'wrong') expect(problemsOf(answer).length).toBeGreaterThan(0);
  if (answer.kind !== 'alerts') return;
  expect(answer.alerts.length).toBeGreaterThan(0);
  for (const alert of answer.alerts) expectWellTyped(alert);
}

function expectWellTyped(alert: Alert): void {
  const { name, fingerprint, severity, service, environment, link, labels, annotations } = alert;
  const bags = [labels, annotations].flatMap((bag) => [...Object.keys(bag), ...Object.values(bag)]);
  for (const text of [name, severity, service, environment, link ?? '', ...bags]) {
    expect(typeof text).toBe('string');
    expect(text).not.toMatch(/\0|\p{Surrogate}/u);
  }
  expect([name, severity, service]).not.toContain('');
  expect(fingerprint).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  expect(alert.endsAt === null).toBe(alert.status === 'firing');
  expect(episodeOf(alert)).toMatch(/^[A-Za-z0-9_-]+\.\d+$/);
}
