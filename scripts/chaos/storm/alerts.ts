/** The alerts that a fleet's monitors would raise, as Alertmanager posts them. Sends nothing. */
import { createHash } from 'node:crypto';
import { environment } from '../world/policy.js';
import type { Fault } from '../world/fleet.js';

/** One firing of one alert. */
export interface Episode {
  readonly fingerprint: string;
  /** RFC 3339. */
  readonly startsAt: string;
  readonly service: string;
  readonly fault: Fault;
  /** Two monitors may raise their own alerts about one fault: two runs, one target. */
  readonly monitor: string;
}

const alertNames: Readonly<Record<Fault, string>> = {
  down: 'ServiceDown',
  amplifying: 'RetryStorm',
};

export function episodeOf(what: Pick<Episode, 'service' | 'fault' | 'monitor'>): Episode {
  const { service, fault, monitor } = what;
  const name = `${alertNames[fault]} ${service} ${monitor}`;
  const fingerprint = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return { fingerprint, startsAt: new Date().toISOString(), ...what };
}

export type Status = 'firing' | 'resolved';

/** One webhook body, version 4, with a group of alerts. */
export function bodyOf(episodes: readonly Episode[], status: Status): string {
  const zero = '0001-01-01T00:00:00Z';
  const alerts = episodes.map(({ fingerprint, startsAt, service, fault, monitor }) => ({
    status,
    labels: { alertname: alertNames[fault], service, monitor, severity: 'page', environment },
    annotations: { summary: `${service} is ${fault}`, description: 'since a few seconds' },
    startsAt,
    endsAt: status === 'resolved' ? new Date().toISOString() : zero,
    generatorURL: 'http://prometheus.example/graph?g0.expr=probe_success+%3D%3D+0',
    fingerprint,
  }));
  return JSON.stringify({
    version: '4',
    groupKey: '{}/{}:{environment="chaos"}',
    truncatedAlerts: 0,
    status,
    receiver: 'belay',
    groupLabels: { environment },
    commonLabels: { environment },
    commonAnnotations: {},
    externalURL: 'http://alertmanager.example',
    alerts,
  });
}
