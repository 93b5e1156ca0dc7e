/** Asking Grafana's and PagerDuty's APIs, as they document them, and what the inbox holds open to compare with. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { grafana } from '../../activities/senders/grafana.js';
import { pagerduty } from '../../activities/senders/pagerduty.js';
import { grafanaPull } from '../../workers/intake/pull/grafana.js';
import { pagerdutyPull } from '../../workers/intake/pull/pagerduty.js';
import type { Reconciler } from '../../workers/intake/pull/reconciler.js';
import { episodeOf } from '../../workflows/domain/alert.js';
import { emptied, eventually } from '../support/intake.js';
import { heard, keptBody, openPullGround } from '../support/pull-ground.js';
import type { PullGround } from '../support/pull-ground.js';
import { startStandIn } from '../support/stand-in.js';
import type { StandIn } from '../support/stand-in.js';

const token = 'a-token-for-an-api';
let ground: PullGround;

beforeAll(async () => {
  ground = await openPullGround();
});
afterAll(() => ground.close());
beforeEach(() => ground.fresh());

describe('Grafana', () => {
  const webhook = keptBody('grafana/firing') as { alerts: Record<string, unknown>[] };
  const sent = heard(grafana, webhook);
  let api: StandIn;
  let list: unknown;
  let status: number;

  beforeAll(async () => {
    api = await startStandIn(() => Promise.resolve({ status, body: list }));
  });
  afterAll(() => api.stop());
  beforeEach(() => {
    api.seen.length = 0;
    list = [entry()];
    status = 200;
  });

  /** The webhook's alert as the API lists it: with private labels, milliseconds, and an end that lies ahead. */
  function entry(change: object = {}): object {
    const [alert = {}] = webhook.alerts;
    const labels = { ...(alert['labels'] as object), __alert_rule_uid__: 'ce1xk2p7m3ls0b' };
    const values = { __orgId__: '1', __value_string__: '[ var=A ]' };
    return {
      annotations: { ...(alert['annotations'] as object), ...values },
      endsAt: '2099-01-01T00:00:00.000Z',
      fingerprint: alert['fingerprint'],
      receivers: [{ name: 'belay' }],
      startsAt: '2026-11-20T22:14:10.000Z',
      status: { inhibitedBy: [], silencedBy: [], state: 'active' },
      updatedAt: '2026-11-20T22:14:10.000Z',
      generatorURL: 'https://grafana.example.com/alerting/grafana/ce1xk2p7m3ls0b/view',
      labels,
      ...change,
    };
  }

  const reconciler = (): Reconciler =>
    ground.reconcilerOf(
      grafanaPull({ url: `${api.url}/sub/`, token, receiver: 'belay', absentForMs: 0 }),
    );

  test('what fires there becomes what its webhook would have brought', async () => {
    const asking = reconciler();
    await asking.look('interval');
    await asking.look('interval');
    expect(await ground.alerts()).toEqual([{ ...sent, startsAt: '2026-11-20T22:14:10.000Z' }]);
    expect(api.seen[0]?.path).toBe(
      '/sub/api/alertmanager/grafana/api/v2/alerts?active=true&silenced=true&inhibited=true&unprocessed=true',
    );
    expect(api.seen[0]?.headers['authorization']).toBe(`Bearer ${token}`);
  });

  test('what is missing twice in whole answers is over; one answer that is not whole begins anew', async () => {
    await ground.inbox.add([sent]);
    const asking = reconciler();
    list = [];
    await asking.look('interval');
    list = [entry({ fingerprint: null })];
    expect((await asking.look('interval')).partial).toBe('1 of its alerts have no fingerprint');
    list = [];
    await asking.look('interval');
    status = 503;
    await expect(asking.look('interval')).rejects.toThrow(/answered HTTP 503$/);
    status = 200;
    await asking.look('interval');
    expect(await ground.states()).toHaveLength(1);
    await asking.look('interval');
    expect(await ground.states()).toEqual([
      `${sent.fingerprint} firing`,
      `${sent.fingerprint} resolved`,
    ]);
  });

  test('an alert that cannot be read fires all the same, and nothing begins by it', async () => {
    await ground.inbox.add([sent]);
    list = [entry({ labels: {}, startsAt: 'yesterday' }), entry({ labels: {}, fingerprint: 'f2' })];
    const asking = reconciler();
    for (let look = 0; look < 3; look += 1) await asking.look('interval');
    expect(await ground.states()).toHaveLength(1);
    expect(await ground.series('belay_pull_unreadable_total{source="grafana"}')).toBeGreaterThan(0);
  });

  test('an alert that fires since later is another episode: the one before is over', async () => {
    await ground.inbox.add([sent]);
    list = [entry({ startsAt: '2026-11-20T23:00:00.000Z' })];
    const asking = reconciler();
    await asking.look('interval');
    await asking.look('interval');
    const kept = (await ground.alerts()).map((alert) => `${alert.startsAt} ${alert.status}`);
    expect(kept).toEqual([
      '2026-11-20T22:14:10Z firing',
      '2026-11-20T22:14:10Z resolved',
      '2026-11-20T23:00:00.000Z firing',
    ]);
  });

  test('an answer beyond every bound is not read: too long, no JSON, no list, another place', async () => {
    await ground.inbox.add([sent]);
    const asking = reconciler();
    const answers: [unknown, RegExp][] = [
      ['x'.repeat(17 * 1024 * 1024), /over \d+ bytes/],
      ['<html>', /is no JSON in UTF-8/],
      [{ message: 'Unauthorized' }, /no list of alerts/],
    ];
    for (const [answer, why] of answers) {
      list = answer;
      await expect(asking.look('interval')).rejects.toThrow(why);
    }
    status = 302;
    await expect(asking.look('interval')).rejects.toThrow(/answered HTTP 302$/);
    status = 200;
    list = Array.from({ length: 10_001 }, (_, nth) =>
      entry({ fingerprint: `f${nth}`, receivers: [] }),
    );
    expect((await asking.look('interval')).partial).toMatch(/^it lists 10001 alerts/);
    expect(await ground.states()).toHaveLength(1);
  });

  test('asked in vain it is a count and one log line, and no row; stopping does not wait for it', async () => {
    status = 500;
    const url = api.url;
    const pulling = ground.pullingOf(grafanaPull({ url, token, receiver: 'belay' }));
    const failed = () => ground.series('belay_pull_failed_total{source="grafana"}');
    await eventually(failed, (seen) => seen >= 3);
    expect(ground.logged().filter((line) => line.includes('asked in vain'))).toHaveLength(1);
    expect(ground.logged().join()).not.toContain(token);
    status = 0; // it does not answer any more
    const asked = api.seen.length;
    await eventually(
      () => Promise.resolve(api.seen.length),
      (seen) => seen > asked,
    );
    const begunMs = performance.now();
    await pulling.stop();
    expect(performance.now() - begunMs).toBeLessThan(1_000);
    expect(await ground.states()).toEqual([]);
  });
});

describe('PagerDuty', () => {
  const webhook = keptBody('pagerduty/firing') as { event: { data: Record<string, unknown> } };
  const sent = heard(pagerduty, webhook);
  let api: StandIn;
  let open: object[];
  let more: boolean;
  let one: { status: number; body: unknown };

  beforeAll(async () => {
    api = await startStandIn(({ path }) => {
      const isOne = path.startsWith('/incidents/');
      const page = { incidents: open, limit: 100, offset: 0, total: null, more };
      return Promise.resolve(isOne ? one : { status: 200, body: page });
    });
  });
  afterAll(() => api.stop());
  beforeEach(() => {
    api.seen.length = 0;
    open = [incident()];
    more = false;
    one = { status: 404, body: { error: { message: 'Not Found', code: 2100 } } };
  });

  /** The webhook's incident as the REST API has it: `incident_number`, the account's time zone, and more. */
  function incident(change: object = {}): object {
    const { number, ...data } = webhook.event.data;
    return {
      ...data,
      incident_number: number,
      created_at: '2026-11-20T23:14:10+01:00',
      summary: '[#4711] Replication lag on db-primary above 60 s',
      last_status_change_at: '2026-11-20T22:20:00Z',
      assigned_via: 'escalation_policy',
      acknowledgements: [],
      ...change,
    };
  }

  const reconciler = (services: readonly string[] = []): Reconciler =>
    ground.reconcilerOf(pagerdutyPull({ url: api.url, token, services }));

  async function looked(asking: Reconciler, times = 2): Promise<string[]> {
    for (let look = 0; look < times; look += 1) await asking.look('interval');
    return ground.states();
  }

  test('an open incident becomes what its webhook would have brought, acknowledged or not', async () => {
    open = [incident({ status: 'acknowledged' })];
    await looked(reconciler());
    const [kept, ...others] = await ground.alerts();
    expect(others).toEqual([]);
    expect(kept).toEqual({ ...sent, startsAt: '2026-11-20T23:14:10+01:00' });
    expect(kept && episodeOf(kept)).toBe(episodeOf(sent));
    const { path = '', headers = {} } = api.seen[0] ?? {};
    expect(new URL(path, api.url).searchParams.getAll('statuses[]')).toEqual([
      'triggered',
      'acknowledged',
    ]);
    expect(path).toContain('date_range=all');
    expect(headers['authorization']).toBe(`Token token=${token}`);
    expect(headers['accept']).toBe('application/vnd.pagerduty+json;version=2');
  });

  test('an incident of a service that is not ours does not begin here', async () => {
    expect(await looked(reconciler(['POTHER1']))).toEqual([]);
    expect(await looked(reconciler(['PF9KMXH']))).toHaveLength(1);
  });

  test('a missing incident ends by its own word only: not unknown, not open, not another one', async () => {
    await ground.inbox.add([sent]);
    open = [];
    const asking = reconciler();
    expect(await looked(asking, 3)).toHaveLength(1);
    const answered = (change: object) => ({ status: 200, body: { incident: incident(change) } });
    for (const answer of [
      answered({ status: 'acknowledged' }),
      answered({ status: 'resolved', id: 'QANOTHERONE' }),
      { status: 500, body: {} },
      { status: 200, body: {} },
    ]) {
      one = answer;
      expect(await looked(asking)).toHaveLength(1);
    }
    one = answered({ status: 'resolved', resolved_at: '2026-11-20T22:31:05Z' });
    expect(await looked(asking)).toHaveLength(2);
    const [, resolved] = await ground.alerts();
    const endsAt = '2026-11-20T22:31:05.000Z';
    expect(resolved).toEqual({ ...sent, status: 'resolved', endsAt });
  });

  test('an end that is not after its start is put after it: the start would pass for unknown', async () => {
    await ground.inbox.add([sent]);
    open = [];
    const incidentThen = incident({ status: 'resolved', resolved_at: '2026-11-20T22:14:10Z' });
    one = { status: 200, body: { incident: incidentThen } };
    expect(await looked(reconciler())).toHaveLength(2);
    expect((await ground.alerts())[1]?.endsAt).toBe('2026-11-20T22:14:10.001Z');
  });

  test('without an end to its pages it is not whole: no incident is asked about', async () => {
    await ground.inbox.add([{ ...sent, fingerprint: 'QMISSING0001' }]);
    more = true;
    expect((await reconciler().look('interval')).partial).toBe('more than 1000 incidents are open');
    expect(api.seen).toHaveLength(10);
    expect(api.seen.at(-1)?.path).toContain('offset=900');
  });
});

describe('what is open in the inbox', () => {
  const { alerts } = keptBody('grafana/firing') as { alerts: unknown[] };
  const sent = heard(grafana, { version: '1', alerts });
  const open = () => ground.firings.open('grafana');
  const end = '2026-11-20T23:00:00Z';

  test('is a firing without its resolution, of this source, that has a run or waits for one', async () => {
    await ground.inbox.add([sent, { ...sent, source: 'other' }]);
    expect(await open()).toMatchObject([{ alert: sent, startedMs: Date.parse(sent.startsAt) }]);
    await sql`UPDATE inbox SET state = 'unmatched'`.execute(ground.database.db);
    expect(await open()).toEqual([]);
  });

  test('ends by a resolution with its start, or by one whose start the sender did not know', async () => {
    await ground.inbox.add([
      sent,
      { ...sent, status: 'resolved', startsAt: end, endsAt: '2026-11-21T00:00:00Z' },
    ]);
    expect(await open()).toHaveLength(1); // another episode's
    await ground.inbox.add([{ ...sent, status: 'resolved', endsAt: end }]);
    expect(await open()).toEqual([]);
    await emptied(ground.database.db);
    await ground.inbox.add([sent, { ...sent, status: 'resolved', startsAt: end, endsAt: end }]);
    expect(await open()).toEqual([]);
  });
});
