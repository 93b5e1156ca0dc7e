/** The demo's pure parts: how the upstream collapses, what the prober concludes and when it speaks. */
import { describe, expect, test } from '@jest/globals';
import { parse } from '../../../activities/senders/alertmanager.js';
import { Congestion } from './congestion.js';
import { ProbeLog, sampleOf } from './probe-log.js';
import { webhookBody } from './prober.js';
import { WatchedAlert } from './watched-alert.js';

describe('payments', () => {
  /** The share it served of a steady stream of requests in its last second. */
  function servedOf(congestion: Congestion, stream: { perSecond: number; fromMs: number }): number {
    const forSeconds = 4;
    const total = stream.perSecond * forSeconds;
    let served = 0;
    for (let count = 0; count < total; count += 1) {
      const isServed = congestion.admits(stream.fromMs + (count * 1000) / stream.perSecond);
      if (isServed && count >= total - stream.perSecond) served += 1;
    }
    return served / stream.perSecond;
  }

  test('serve what is within their capacity', () => {
    expect(servedOf(new Congestion(100), { perSecond: 95, fromMs: 0 })).toBe(1);
  });

  test('serve nothing above it, and recover only once the load is within it again', () => {
    const congestion = new Congestion(100);
    expect(servedOf(congestion, { perSecond: 120, fromMs: 0 })).toBe(0);
    expect(servedOf(congestion, { perSecond: 120, fromMs: 4000 })).toBe(0);
    expect(servedOf(congestion, { perSecond: 80, fromMs: 8000 })).toBe(1);
  });

  test('do not recover because their callers stalled for a moment', () => {
    const congestion = new Congestion(100);
    servedOf(congestion, { perSecond: 120, fromMs: 0 });
    expect(congestion.admits(4600)).toBe(false);
  });
});

describe('the prober', () => {
  const sample = (served: number, failed: number, attempts: number) => ({
    served,
    failed,
    attempts,
  });

  test('sees a storm when requests fail and are tried again and again', () => {
    const log = new ProbeLog();
    log.note(0, sample(100, 0, 100));
    log.note(1000, sample(100, 20, 220));
    expect(log.errorRatio()).toBe(1);
    expect(log.isStorming()).toBe(true);
  });

  test('sees none in errors that are not retried', () => {
    const log = new ProbeLog();
    log.note(0, sample(100, 0, 100));
    log.note(1000, sample(100, 20, 120));
    expect(log.isStorming()).toBe(false);
  });

  test('looks back five seconds, and not past a restart', () => {
    const log = new ProbeLog();
    log.note(0, sample(0, 50, 300));
    log.note(6000, sample(100, 50, 400));
    expect(log.errorRatio()).toBeUndefined();
    log.note(7000, sample(0, 0, 0));
    log.note(8000, sample(20, 0, 20));
    expect(log.errorRatio()).toBe(0);
  });

  test('knows the counters in the metrics, and nothing when one is missing', () => {
    const text = 'shop_requests_total{code="200"} 7\nshop_requests_total{code="502"} 1\n';
    expect(sampleOf(text)).toBeUndefined();
    expect(sampleOf(`${text}shop_upstream_attempts_total 12\n`)).toEqual(sample(7, 1, 12));
  });

  test('fires after two seconds, repeats, and resolves the same episode', () => {
    const alert = new WatchedAlert({ alertname: 'ServiceDown', service: 'shop' }, 'down');
    expect(alert.look(0, { holds: true })).toBeUndefined();
    const fired = alert.look(2000, { holds: true });
    expect(fired?.status).toBe('firing');
    expect(alert.look(3000, { holds: true })).toEqual(fired);
    if (fired !== undefined) alert.sent(3000, fired);
    expect(alert.look(4000, { holds: true })).toBeUndefined();
    expect(alert.look(9000, { holds: true })).toEqual(fired);
    const resolved = alert.look(10_000, { holds: false });
    expect(resolved).toMatchObject({ status: 'resolved', startsAt: fired?.startsAt });
    expect(resolved?.fingerprint).toBe(fired?.fingerprint);
    if (resolved !== undefined) alert.sent(10_000, resolved);
    expect(alert.look(11_000, { holds: false })).toBeUndefined();
    expect(alert.firing()).toBeUndefined();
  });

  test('speaks the format of Alertmanager', () => {
    const alert = new WatchedAlert({ alertname: 'ServiceDown', service: 'shop' }, 'down');
    alert.look(1e12, { holds: true });
    const fired = alert.look(1e12 + 2000, { holds: true });
    if (fired === undefined) throw new Error('it did not fire');
    const parsed = parse(JSON.stringify(webhookBody(fired)));
    expect(parsed).toMatchObject({
      kind: 'alerts',
      alerts: [{ name: 'ServiceDown', service: 'shop' }],
    });
  });
});
