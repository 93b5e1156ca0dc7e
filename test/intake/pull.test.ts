/** A real Alertmanager whose webhooks get lost: what fires there and is unknown here, what is open here and over there. */
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { alertmanager } from '../../activities/senders/alertmanager.js';
import { startAlertmanager } from '../../scripts/servers/alertmanager.js';
import { findServer } from '../../scripts/servers/found.js';
import type { MonitorServer } from '../../scripts/servers/prometheus.js';
import { alertmanagerPull } from '../../workers/intake/pull/alertmanager.js';
import type { AlertmanagerPull } from '../../workers/intake/pull/alertmanager.js';
import type { PullSource } from '../../workers/intake/pull/source.js';
import { episodeOf } from '../../workflows/domain/alert.js';
import type { Alert } from '../../workflows/domain/alert.js';
import { hours } from '../../workflows/domain/time.js';
import { emptied, eventually, rowsOf, temporaryFolder } from '../support/intake.js';
import { openPullGround } from '../support/pull-ground.js';
import type { PullGround } from '../support/pull-ground.js';
import { startStandIn } from '../support/stand-in.js';
import type { StandIn } from '../support/stand-in.js';

const folder = temporaryFolder('intake-pull');
const present = !('absent' in findServer('alertmanager'));
let ground: PullGround;

beforeAll(async () => {
  ground = await openPullGround();
});
afterAll(async () => {
  await ground.close();
  folder.remove();
});
beforeEach(() => ground.fresh());

/** Tests of a server that is not here say so by name instead. */
function whenPresent(name: string, body: () => void): void {
  if (present) describe(name, body);
  else test(`skipped, no alertmanager: ${name}`, () => undefined);
}

whenPresent('a real Alertmanager', () => {
  let server: MonitorServer;
  let sink: StandIn;
  /** What the webhook is answered; 400 is never sent again. */
  let answer: number;
  /** What webhooks said of this test's alert, taken in or not. */
  let sent: Alert[];
  let count = 0;

  beforeAll(async () => {
    sink = await startStandIn(async ({ body }) => {
      const parsed = alertmanager.parse(body);
      const alerts = parsed.kind === 'alerts' ? parsed.alerts : [];
      const isLate = alerts.every(({ service }) => service !== `shop-${count}`);
      if (isLate) return { status: 200, body: {} }; // of an earlier test
      sent.push(...alerts);
      if (answer === 200) await ground.inbox.add(alerts);
      return { status: answer, body: {} };
    });
    server = await started('first');
  });

  afterAll(async () => {
    await server.stop();
    await sink.stop();
  });

  beforeEach(() => {
    answer = 200;
    sent = [];
  });

  async function started(name: string): Promise<MonitorServer> {
    const configFile = `${folder.path}/${name}.yml`;
    const config = {
      route: {
        receiver: 'belay',
        group_by: ['...'],
        group_wait: '0s',
        group_interval: '200ms',
        repeat_interval: '1h',
        routes: [{ matchers: ['team="other"'], receiver: 'others' }],
      },
      receivers: [{ name: 'belay', webhook_configs: [{ url: sink.url }] }, { name: 'others' }],
    };
    writeFileSync(configFile, JSON.stringify(config)); // JSON is YAML
    return startAlertmanager({ dataFolder: `${folder.path}/${name}`, configFile });
  }

  /** To the nanosecond, as Prometheus has it; the API's answer has milliseconds. */
  const startsAt = new Date(Date.now() - hours(1)).toISOString().replace(/\d{3}Z$/, '628155767Z');

  async function told(labels: Record<string, string>, ended: Record<string, string> = {}) {
    const generatorURL = 'http://prometheus.example:9090/graph?g0.expr=up';
    const annotations = { summary: 'shop is down' };
    const alert = { labels, annotations, startsAt, generatorURL, ...ended };
    await asked('/api/v2/alerts', [alert]);
  }

  async function asked(path: string, body: unknown): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    const request = { method: 'POST', headers, body: JSON.stringify(body) };
    const response = await fetch(`${server.url}${path}`, request);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  }

  /** A new alert each time: Alertmanager keeps those of earlier tests. */
  function fresh(more: Record<string, string> = {}): Record<string, string> {
    count += 1;
    return { alertname: 'ServiceDown', service: `shop-${count}`, severity: 'page', ...more };
  }

  interface Shown {
    readonly labels: Record<string, string>;
    readonly status: { readonly state: string };
  }

  /** What it lists, by service. */
  async function shown(): Promise<Record<string, Shown>> {
    const response = await fetch(`${server.url}/api/v2/alerts`);
    const list = (await response.json()) as Shown[];
    return Object.fromEntries(list.map((alert) => [alert.labels['service'], alert]));
  }

  async function ends(labels: Record<string, string>): Promise<void> {
    await told(labels, { endsAt: new Date(Date.now() - 1).toISOString() });
    await eventually(shown, (list) => list[labels['service'] ?? ''] === undefined);
  }

  function pulled(more: Partial<AlertmanagerPull> = {}): PullSource {
    const usual = { receiver: 'belay', token: null, absentForMs: 0, upForMs: 0 };
    return alertmanagerPull({ urls: [server.url], ...usual, ...more });
  }

  /** What is left over from other tests would be taken in, too. */
  async function none(): Promise<void> {
    count += 1; // so those are late
    for (const { labels } of Object.values(await shown())) await ends(labels);
    await emptied(ground.database.db);
  }

  test('a firing whose webhook was lost is taken in at the second look, as the same episode', async () => {
    await none();
    answer = 400;
    await told(fresh());
    const [lost] = await eventually(
      () => Promise.resolve(sent),
      (list) => list.length > 0,
    );
    if (lost === undefined) throw new Error('nothing was sent');
    const reconciler = ground.reconcilerOf(pulled());
    expect((await reconciler.look('interval')).firing).toEqual([]);
    await reconciler.look('interval');
    await reconciler.look('interval');
    const [kept] = await ground.alerts();
    expect(lost.startsAt).toBe(startsAt);
    expect(kept).toEqual({ ...lost, startsAt: startsAt.replace('155767Z', 'Z') });
    expect(kept && episodeOf(kept)).toBe(episodeOf(lost));
    expect(await ground.states()).toEqual([`${lost.fingerprint} firing`]);
    expect(
      await ground.series('belay_pull_lost_total{source="alertmanager",status="firing"}'),
    ).toBe(1);
    expect((await ground.lines()).at(-1)).toMatch(
      /^alertmanager: ServiceDown of shop-\d+ fired there and/,
    );
    await ground.inbox.add([lost]); // it comes after all
    expect((await rowsOf(ground.database.db)).map(({ repeats }) => repeats)).toEqual([1]);
  });

  test('a resolution that was lost is taken in with the start of its firing', async () => {
    await none();
    const labels = fresh();
    await told(labels);
    await eventually(ground.states, (list) => list.length === 1);
    answer = 400;
    const reconciler = ground.reconcilerOf(pulled());
    await reconciler.look('interval');
    await reconciler.look('interval');
    expect(await ground.states()).toHaveLength(1);
    await ends(labels);
    await reconciler.look('interval');
    expect(await ground.states()).toHaveLength(1);
    await reconciler.look('interval');
    await reconciler.look('interval');
    const [firing, resolved, ...more] = await ground.alerts();
    expect(more).toEqual([]);
    expect(resolved).toEqual({ ...firing, status: 'resolved', endsAt: resolved?.endsAt });
    expect(Math.abs(Date.parse(resolved?.endsAt ?? '') - Date.now())).toBeLessThan(10_000);
  });

  test('what is silenced fires on: it does not begin here, and it does not end here', async () => {
    await none();
    const labels = fresh();
    await told(labels);
    await eventually(ground.states, (list) => list.length === 1);
    const matcher = { name: 'service', value: labels['service'], isRegex: false, isEqual: true };
    const endsAt = new Date(Date.now() + hours(1)).toISOString();
    const by = { createdBy: 'a test', comment: 'quiet' };
    const from = { startsAt: new Date().toISOString(), endsAt };
    await asked('/api/v2/silences', { matchers: [matcher], ...from, ...by });
    const service = labels['service'] ?? '';
    await eventually(shown, (list) => list[service]?.status.state === 'suppressed');
    const reconciler = ground.reconcilerOf(pulled());
    for (let look = 0; look < 3; look += 1) await reconciler.look('interval');
    expect(await ground.states()).toHaveLength(1);
    await emptied(ground.database.db);
    for (let look = 0; look < 3; look += 1) await reconciler.look('truncated');
    expect(await ground.states()).toEqual([]);
  });

  test('what is routed to others does not begin here', async () => {
    await none();
    const labels = fresh({ team: 'other' });
    await told(labels);
    const service = labels['service'] ?? '';
    await eventually(shown, (list) => list[service]?.status.state === 'active');
    await ground.reconcilerOf(pulled()).look('truncated');
    expect(await ground.states()).toEqual([]);
    await ground.reconcilerOf(pulled({ receiver: 'others' })).look('truncated');
    expect(await ground.states()).toHaveLength(1);
  });

  test('one that was started again and lists nothing ends nothing', async () => {
    await none();
    await told(fresh());
    await eventually(ground.states, (list) => list.length === 1);
    await server.stop();
    server = await started('second');
    const young = ground.reconcilerOf(pulled({ upForMs: hours(1) }));
    for (let look = 0; look < 3; look += 1) {
      expect((await young.look('interval')).partial).toMatch(/^it is up for .* only$/);
    }
    expect(await ground.states()).toHaveLength(1);
    const old = ground.reconcilerOf(pulled());
    await old.look('interval');
    await old.look('interval');
    expect(await ground.states()).toHaveLength(2);
  });

  test('one of two that cannot be read ends nothing', async () => {
    await none();
    const labels = fresh();
    await told(labels);
    await eventually(ground.states, (list) => list.length === 1);
    answer = 400;
    await ends(labels);
    const both = ground.reconcilerOf(pulled({ urls: [server.url, 'http://127.0.0.1:1'] }));
    for (let look = 0; look < 3; look += 1) {
      expect((await both.look('interval')).partial).toMatch(/127\.0\.0\.1:1: /);
    }
    expect(await ground.states()).toHaveLength(1);
  });

  test('alerts left out of a webhook are read back at once, without waiting for a second look', async () => {
    await none();
    answer = 400;
    await told(fresh());
    await eventually(shown, (list) => Object.keys(list).length === 1);
    const pulling = ground.pullingOf(pulled());
    const looks = () => ground.series('belay_pull_looks_total{source="alertmanager",whole="true"}');
    await eventually(looks, (seen) => seen >= 2);
    expect(await ground.states()).toEqual([]);
    pulling.readBack('pagerduty');
    pulling.readBack('alertmanager');
    await eventually(ground.states, (list) => list.length === 1);
    await pulling.stop();
    const seen = await looks();
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await looks()).toBe(seen);
  });
});
