/** Made-up records of a storm in which all went well, for the tests that spoil one thing in them. */
import type { Evidence, LedgerLine } from '../../scripts/chaos/oracle/evidence.js';

export const startMs = Date.parse('2026-11-21T01:00:00Z');
export const run = `restart-service.aaaa.${startMs}`;
export const other = `restart-service.bbbb.${startMs}`;
export const target = 'process:fleet/service-1';

/** Seconds after the start. */
export function at(secondsIn: number): number {
  return startMs + secondsIn * 1_000;
}

/** A run that was let in, restarted the service and was closed; `fromSeconds` after the start. */
export function wellTold(name: string, fromSeconds: number): LedgerLine[] {
  const line = (kind: string, secondsIn: number, more: Partial<LedgerLine> = {}): LedgerLine => ({
    seq: at(fromSeconds + secondsIn),
    run: name,
    kind,
    runbook: 'restart-service',
    service: 'service-1',
    recordedAtMs: at(fromSeconds + secondsIn),
    outcome: null,
    says: kind,
    operation: null,
    applied: null,
    admitted: false,
    targets: [],
    ...more,
  });
  const operation = `${name}/restart`;
  return [
    line('opened', 0),
    line('decision', 1, { admitted: true }),
    line('intent', 1, { operation, targets: [target] }),
    line('effect', 3, { operation, applied: 'yes' }),
    line('outcome', 4, { outcome: 'resolved' }),
    line('closed', 9, { outcome: 'resolved' }),
  ];
}

export function changed(name: string, secondsIn: number): Evidence['mutations'][number] {
  const what = { target, service: 'service-1', verb: 'restart', says: 'pid 1 to 2' } as const;
  return { operation: `${name}/restart`, atMs: at(secondsIn), ...what };
}

/** Two runs, one after the other, at one target. */
export function goodEvidence(): Evidence {
  const startsAt = new Date(startMs).toISOString();
  const alerts = ['aaaa', 'bbbb'].map((fingerprint) => ({
    fingerprint,
    status: 'firing' as const,
  }));
  return {
    acknowledged: alerts.map((alert) => ({ ...alert, startsAt, atMs: startMs })),
    inbox: alerts.map((alert) => ({
      ...alert,
      startsAtMs: startMs,
      state: 'dispatched',
      run: `restart-service.${alert.fingerprint}.${startMs}`,
      why: null,
    })),
    ledger: [...wellTold(run, 0), ...wellTold(other, 10)],
    mutations: [changed(run, 2), changed(other, 12)],
    stops: [],
    leases: [],
    workflows: [],
  };
}
