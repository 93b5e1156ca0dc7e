/** The intake's small parts without servers: settings, lanes, backing off, summaries of metrics. */
import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { BatcherFull } from '../../activities/store/batch.js';
import { accept } from '../../workers/intake/acceptance.js';
import { createAuthentication } from '../../workers/intake/authentication.js';
import { doors, kindsOf, secretKinds } from '../../workers/intake/doors.js';
import { createInstruments } from '../../workers/intake/instruments.js';
import { createLanes } from '../../workers/intake/lanes.js';
import { backoffMs, createOutage } from '../../workers/intake/outage.js';
import { Unavailable } from '../../workers/intake/refusal.js';
import { basic } from '../../workers/intake/schemes/basic.js';
import { bearer } from '../../workers/intake/schemes/bearer.js';
import { settingOf } from '../../workers/secrets.js';
import { boundedLabel, createMetrics } from '../../workers/metrics.js';
import { readSettings, SettingsError } from '../../workers/settings.js';
import { quietLog, temporaryFolder } from '../support/intake.js';

const folder = temporaryFolder('intake-parts');
const databaseUrl = 'postgres://belay:database-password@127.0.0.1:5432/belay';
afterAll(() => folder.remove());

describe('settings', () => {
  test('everything but the database has a default', () => {
    expect(readSettings({ DATABASE_URL: databaseUrl })).toEqual({
      databaseUrl,
      temporal: { address: '127.0.0.1:7233', namespace: 'default' },
      intake: {
        host: '127.0.0.1',
        port: 4480,
        secrets: {},
        tls: null,
        storm: { firingsMax: 50, withinMs: 60_000, startsPerSecond: 5, openRunsMax: 100 },
      },
      policyFile: 'policies/services.yaml',
      guards: {
        rulesPath: 'policies/guards.yaml',
        fleetPath: 'policies/fleet.yaml',
        required: [],
      },
      targetsFile: null,
      stateFolder: '.belay',
      stopFile: '.belay/stop',
      switchTokens: [],
      switchPolicyFile: 'policies/switch.yaml',
      notifyWebhookUrl: null,
      workerMetricsPort: 4482,
      bundleFile: 'dist/workflow-bundle.js',
    });
  });

  test('secrets come from the variable and from a file, one by one', () => {
    const file = `${folder.path}/tokens`;
    writeFileSync(file, 'three\n\nfour, with a comma\n');
    const { intake } = readSettings({
      DATABASE_URL: databaseUrl,
      BELAY_ALERTMANAGER_TOKENS: 'one, two',
      BELAY_ALERTMANAGER_TOKENS_FILE: file,
      BELAY_ALERTMANAGER_BASIC: 'user:pass:word',
    });
    expect(intake.secrets['alertmanager']).toMatchObject({
      tokens: ['one', 'two', 'three', 'four, with a comma'],
      basic: ['user:pass:word'],
    });
  });

  test('every wrong setting is named with its fix, none with its value', () => {
    const wrong = {
      DATABASE_URL: 'mysql://secret',
      TEMPORAL_ADDRESS: 'http://secret:7233',
      BELAY_INTAKE_PORT: '70000',
      BELAY_NOTIFY_WEBHOOK_URL: 'secret',
      BELAY_ALERTMANAGER_BASIC: 'secret',
      BELAY_ALERTMANAGER_TOKENS_FILE: `${folder.path}/not-there`,
    };
    expect(() => readSettings(wrong)).toThrow(SettingsError);
    const message = messageOfThrown(() => readSettings(wrong));
    for (const name of Object.keys(wrong)) expect(message).toContain(`  ${name} `);
    expect(message).not.toContain('secret');
    expect(messageOfThrown(() => readSettings({}))).toContain('DATABASE_URL is not set: give');
  });

  test('every source has its settings by its own name, and none that its door cannot use', () => {
    const wrongly: string[] = [];
    for (const source of Object.keys(doors)) {
      for (const kind of secretKinds.filter((one) => !kindsOf(source).includes(one))) {
        const name = settingOf(source, kind);
        const env = { DATABASE_URL: databaseUrl, [name]: 'x' };
        if (!messageOfThrown(() => readSettings(env)).includes(`${name} is not used`)) {
          wrongly.push(name);
        }
      }
    }
    expect(wrongly).toEqual([]);
    expect(settingOf('gcp-monitoring', 'tokens')).toBe('BELAY_GCP_MONITORING_TOKENS');
    const topic = 'arn:aws:sns:eu-west-1:123456789012:alarms';
    const env = { DATABASE_URL: databaseUrl, BELAY_CLOUDWATCH_TOPICS: topic };
    expect(readSettings(env).intake.secrets).toMatchObject({ cloudwatch: { topics: [topic] } });
  });

  test.each([
    ['BELAY_CLOUDWATCH_TOPICS', 'alarms'],
    ['BELAY_STANDARD_WEBHOOKS_SECRETS', 'c2VjcmV0'],
    ['BELAY_STANDARD_WEBHOOKS_SECRETS', 'whsec_c2VjcmV0'],
    ['BELAY_STANDARD_WEBHOOKS_SECRETS', `whsk_${'A'.repeat(43)}=`],
    ['BELAY_ZABBIX_CLIENTS', 'zabbix'],
  ])('%s is refused as %s: it could never fit', (name, value) => {
    const env = { DATABASE_URL: databaseUrl, BELAY_INTAKE_TLS_CLIENT_CA_FILE: 'x', [name]: value };
    const message = messageOfThrown(() => readSettings(env));
    expect(message).toContain(`${name} is not usable: give `);
    expect(message).not.toContain(`: ${value}`);
  });

  test('half of TLS is a mistake, and so are client certificates nobody vouches for', () => {
    const half = { DATABASE_URL: databaseUrl, BELAY_INTAKE_TLS_CERT_FILE: 'cert.pem' };
    expect(messageOfThrown(() => readSettings(half))).toContain('BELAY_INTAKE_TLS_KEY_FILE is not');
    const clients = { BELAY_ALERTMANAGER_CLIENTS: '/O=Acme/CN=alertmanager' };
    const whole = { ...half, BELAY_INTAKE_TLS_KEY_FILE: 'key.pem', ...clients };
    const missing = 'BELAY_INTAKE_TLS_CLIENT_CA_FILE is not set, but client certificates';
    expect(messageOfThrown(() => readSettings(whole))).toContain(missing);
    const { tls } = readSettings({ ...whole, BELAY_INTAKE_TLS_CLIENT_CA_FILE: 'ca.pem' }).intake;
    expect(tls).toEqual({ certFile: 'cert.pem', keyFile: 'key.pem', clientCaFile: 'ca.pem' });
  });

  function messageOfThrown(act: () => unknown): string {
    try {
      act();
    } catch (error) {
      return error instanceof Error ? error.message : '';
    }
    throw new Error('nothing was thrown');
  }
});

describe('authentication', () => {
  const asked = async (
    locks: { tokens: string[]; pairs: string[] },
    authorization: string | undefined,
  ): Promise<string> => {
    const authentication = createAuthentication([
      { scheme: bearer, secrets: locks.tokens },
      { scheme: basic, secrets: locks.pairs },
    ]);
    const headers = { authorization };
    const shown = { headers, url: '/', body: Buffer.alloc(0), certificate: null, nowMs: 0 };
    return (await authentication.beforeBody(shown)).admission;
  };

  test('without any secret nobody is admitted', async () => {
    const none = { tokens: [], pairs: [] };
    expect(await asked(none, 'Bearer ')).toBe('no-secret');
    expect(await asked(none, 'Bearer x')).toBe('wrong-secret');
    expect(await asked(none, undefined)).toBe('no-secret');
  });

  test('a token is no password and a password is no token', async () => {
    const locks = { tokens: ['user:word'], pairs: ['user:pass'] };
    const encoded = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;
    expect(await asked(locks, 'Bearer user:word')).toBe('admitted');
    expect(await asked(locks, encoded('user:pass'))).toBe('admitted');
    expect(await asked(locks, 'Bearer user:pass')).toBe('wrong-secret');
    expect(await asked(locks, encoded('user:word'))).toBe('wrong-secret');
  });
});

interface Piece {
  readonly key: string;
  readonly n: number;
}

describe('lanes', () => {
  const pieces = (keys: number, each: number): Piece[] =>
    Array.from({ length: keys * each }, (_, n) => ({ key: `k${n % keys}`, n }));

  test('what has one key is done in order, never two at once, and no more than the bound in all', async () => {
    const done: Piece[] = [];
    const busy = new Set<string>();
    let busiest = 0;
    const lanes = createLanes<Piece>({
      keyOf: ({ key }) => key,
      atOnceMax: 3,
      heldMax: 1_000,
      work: async (piece) => {
        expect(busy.has(piece.key)).toBe(false);
        busy.add(piece.key);
        busiest = Math.max(busiest, busy.size);
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 3));
        busy.delete(piece.key);
        done.push(piece);
        return 'next';
      },
    });
    const all = pieces(7, 6);
    for (const piece of all) expect(lanes.add(piece)).not.toBe(false);
    await lanes.idle();
    expect(busiest).toBe(3);
    expect(done).toHaveLength(all.length);
    for (const { key } of all.slice(0, 7)) {
      const order = done.filter((piece) => piece.key === key).map(({ n }) => n);
      expect(order).toEqual([...order].sort((left, right) => left - right));
    }
  });

  test('drop lets go of what waits behind, of that key alone', async () => {
    const done: number[] = [];
    const lanes = createLanes<Piece>({
      keyOf: ({ key }) => key,
      atOnceMax: 1,
      heldMax: 10,
      work: ({ key, n }) => {
        done.push(n);
        return Promise.resolve(key === 'k0' ? 'drop' : 'next');
      },
    });
    for (const piece of pieces(2, 3)) void lanes.add(piece);
    await lanes.idle();
    expect(done.sort((left, right) => left - right)).toEqual([0, 1, 3, 5]);
    expect([lanes.size(), lanes.holds('k0'), lanes.holds('k1')]).toEqual([0, false, false]);
  });

  test('there is room for so many and no more', async () => {
    let finish = (): void => undefined;
    const gate = new Promise<void>((resolve) => (finish = resolve));
    const lanes = createLanes<Piece>({
      keyOf: ({ key }) => key,
      atOnceMax: 1,
      heldMax: 2,
      work: () => gate.then(() => 'next' as const),
    });
    const [one, two, three] = pieces(3, 1).map((piece) => lanes.add(piece));
    expect([one === false, two === false, three === false]).toEqual([false, false, true]);
    finish();
    await lanes.idle();
    expect(lanes.size()).toBe(0);
  });
});

test('too many requests that wait for a commit are told to come back, never that they are wrong', async () => {
  const parts = {
    reception: { receive: () => Promise.reject(new BatcherFull(2_000)) },
    hand: () => undefined,
    kept: () => undefined,
    closed: () => null,
    instruments: createInstruments(createMetrics('test')),
    log: quietLog(),
  };
  const refused = await accept(parts, []).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Unavailable);
  expect(refused).toMatchObject({ why: 'overloaded' });
});

describe('an outage', () => {
  test('it is looked at after 1 s, doubling to 30 s, however many failures come in between', () => {
    const outage = createOutage(() => 0.5);
    const waits: number[] = [];
    for (let nowMs = 1_000_000; waits.length < 7; nowMs += outage.waitMs(nowMs)) {
      outage.begin(nowMs);
      outage.begin(nowMs);
      waits.push(outage.waitMs(nowMs));
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(outage.isOn()).toBe(true);
    outage.end();
    expect([outage.isOn(), outage.waitMs(0)]).toEqual([false, 0]);
  });

  test('jitter is a quarter to either side', () => {
    expect(backoffMs(0, () => 0)).toBe(750);
    expect(backoffMs(0, () => 1)).toBe(1_250);
    expect(backoffMs(1_000, () => 0.5)).toBe(30_000);
  });
});

describe('metrics', () => {
  test('counters, histograms and gauges are Prometheus text without labels of our making', async () => {
    const metrics = createMetrics('test');
    metrics.counter({ name: 'belay_things', description: 'Things.' }).add(2, { why: 'so' });
    const took = metrics.histogram({ name: 'belay_took_ms', description: 'Took.', buckets: [10] });
    took.record(4);
    metrics.gauge({ name: 'belay_waiting', description: 'Waiting.' }, () => 3);
    const lines = (await metrics.text()).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        '# TYPE belay_things_total counter',
        'belay_things_total{why="so"} 2',
        'belay_took_ms_bucket{le="10"} 1',
        'belay_took_ms_sum 4',
        'belay_waiting 3',
      ]),
    );
    await metrics.stop();
  });

  test('a bounded label keeps the first values and counts the rest together', () => {
    const bounded = boundedLabel(2);
    expect(['a', 'b', 'c', 'a'].map(bounded)).toEqual(['a', 'b', 'other', 'a']);
  });
});
