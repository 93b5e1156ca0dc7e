/** The intake's small parts without servers: settings, lanes, backing off, summaries of metrics. */
import { writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from '@jest/globals';
import { BatcherFull } from '../../activities/store/batch.js';
import { accept } from '../../workers/intake/acceptance.js';
import { createAuthentication } from '../../workers/intake/authentication.js';
import { createInstruments } from '../../workers/intake/instruments.js';
import { createLanes } from '../../workers/intake/lanes.js';
import { backoffMs, createOutage } from '../../workers/intake/outage.js';
import { Unavailable } from '../../workers/intake/refusal.js';
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
        secrets: { alertmanager: { tokens: [], basic: [] } },
      },
      policyFile: 'policies/services.yaml',
      targetsFile: null,
      stateFolder: '.belay',
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
    expect(intake.secrets['alertmanager']).toEqual({
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
  test('without any secret nobody is admitted', () => {
    const authenticate = createAuthentication({ tokens: [], basic: [] });
    expect(authenticate('Bearer ')).toBe('no-secret');
    expect(authenticate('Bearer x')).toBe('wrong-secret');
    expect(authenticate(undefined)).toBe('no-secret');
  });

  test('a token is no password and a password is no token', () => {
    const authenticate = createAuthentication({ tokens: ['user:word'], basic: ['user:pass'] });
    const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`;
    expect(authenticate('Bearer user:word')).toBe('admitted');
    expect(authenticate(basic('user:pass'))).toBe('admitted');
    expect(authenticate('Bearer user:pass')).toBe('wrong-secret');
    expect(authenticate(basic('user:word'))).toBe('wrong-secret');
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
    inbox: { add: () => Promise.reject(new BatcherFull(2_000)) },
    hand: () => undefined,
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
