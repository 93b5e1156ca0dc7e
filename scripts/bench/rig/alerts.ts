/** The alerts a bench fires: those at work at once are about different services, so that none waits for another's lease. Sends nothing. */
import { join } from 'node:path';
import { parse } from '../../../activities/senders/alertmanager.js';
import { runIdOf, type Alert } from '../../../workflows/domain/alert.js';

/** `heals`: repaired without asking (level 4). `asks`: waits for a person (level 3). */
export type Kind = 'heals' | 'asks';

export interface Fired {
  /** As Alertmanager posts it. */
  readonly body: string;
  readonly alert: Alert;
  /** The run that the engine will make of it. */
  readonly run: string;
}

/** Of each kind, taken in turn: more than are ever at work at once, few enough for a policy of a usual size. */
const serviceCount = 600;
const tierOf: Readonly<Record<Kind, string>> = { heals: 'warning', asks: 'critical' };
/** Of every service of the bench. */
export const environment = 'bench';

export class AlertSource {
  private readonly fired: Record<Kind, number> = { heals: 0, asks: 0 };

  /** A new alert that begins now. */
  next(kind: Kind): Fired {
    const count = this.fired[kind];
    this.fired[kind] += 1;
    const body = bodyOf(serviceName(kind, count % serviceCount), `${kind}-alert-${count}`);
    const parsed = parse(body);
    const alert = parsed.kind === 'alerts' ? parsed.alerts[0] : undefined;
    if (alert === undefined) throw new Error('the intake would not take this alert');
    return { body, alert, run: runIdOf('restart-service', alert) };
  }
}

function serviceName(kind: Kind, index: number): string {
  return `${kind}-${index}`;
}

function bodyOf(service: string, fingerprint: string): string {
  const labels = { alertname: 'ServiceDown', service, severity: 'page', environment };
  const alert = {
    status: 'firing',
    labels,
    annotations: { summary: `${service} answers no probe`, description: 'since a few seconds' },
    startsAt: new Date().toISOString(),
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus.example/graph?g0.expr=probe_success+%3D%3D+0',
    fingerprint,
  };
  return JSON.stringify({
    version: '4',
    groupKey: `{}/{}:{alertname="ServiceDown", service="${service}"}`,
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'belay',
    groupLabels: { alertname: 'ServiceDown', service },
    commonLabels: labels,
    commonAnnotations: {},
    externalURL: 'http://alertmanager.example',
    alerts: [alert],
  });
}

/** Where a ground keeps its policy. */
export function policyFileIn(folder: string): string {
  return join(folder, 'services.yaml');
}

/** Every service is repaired many times a minute here, which is what is measured: whatever counts over time is off. */
export const guardsText = 'version: 1\nrecurring: off\nbreaker: off\n';

/** The text of the policy under which these services are repaired. */
export function policyText(): string {
  const lines = (['heals', 'asks'] as const).flatMap((kind) =>
    Array.from({ length: serviceCount }, (_, index) => {
      return `  ${serviceName(kind, index)}: { tier: ${tierOf[kind]}, environment: ${environment} }`;
    }),
  );
  return `version: 1
self: [belay*, 'process:*/belay*', temporal*, 'process:*/temporal*']
levels:
  restart: { info: 4, warning: 4, critical: 3 }
overseers: [console]
chains:
  default:
    - { notify: on-call, wait: 1h }
services:
${lines.join('\n')}
`;
}
