/**
 * The demo's own monitor, for machines without Prometheus and Alertmanager: looks at the shop every second, posts webhooks
 * of Alertmanager's format, and answers the few questions Belay asks of monitors. It watches and changes nothing.
 */
import { openDoor, type Reply } from './door.js';
import { ProbeLog, sampleOf, type Sample } from './probe-log.js';
import { WatchedAlert, type WebhookAlert } from './watched-alert.js';

export interface ProberPlan {
  readonly shopUrl: string;
  readonly webhook: { readonly url: string; readonly token: string };
  /** Where it answers on loopback, as both Prometheus and Alertmanager would. */
  readonly port: number;
}

export interface Prober {
  /** Fits as prometheusUrl and as alertmanagerUrl. */
  readonly url: string;
  stop(): void;
}

const lookEveryMs = 1_000;
const answerWithinMs = 900;
const postWithinMs = 5_000;

/** Resolves once it answers; looks until it is stopped, and sends again what the webhook did not accept. */
export async function startProber(plan: ProberPlan): Promise<Prober> {
  const log = new ProbeLog();
  const watched = { down: alertOf('ServiceDown'), storm: alertOf('RetryStorm') };
  const alerts = [watched.down, watched.storm];
  const door = await openDoor(plan.port, {
    'GET /api/v1/alerts': () => ({ status: 200, body: prometheusAlerts(alerts) }),
    'GET /api/v1/query': (_body, query) => answerTo(query.get('query') ?? '', log),
    'GET /api/v2/alerts': () => ({ status: 200, body: alertmanagerAlerts(alerts) }),
  });
  const look = async (): Promise<void> => {
    log.note(Date.now(), await sampled(plan.shopUrl));
    await Promise.all([
      tell(watched.down, { holds: log.down, plan }),
      tell(watched.storm, { holds: log.isStorming(), plan }),
    ]);
  };
  const timer = everyNow(look);
  const stop = (): void => {
    clearInterval(timer);
    door.close();
  };
  return { url: `http://127.0.0.1:${plan.port}`, stop };
}

/** A look that takes longer than its turn lets the next turn pass. */
function everyNow(look: () => Promise<void>): NodeJS.Timeout {
  let looking = false;
  return setInterval(() => {
    if (looking) return;
    looking = true;
    void look().finally(() => (looking = false));
  }, lookEveryMs);
}

function alertOf(alertname: 'ServiceDown' | 'RetryStorm'): WatchedAlert {
  const own = { alertname, service: 'shop', environment: 'demo', job: 'shop' };
  return alertname === 'ServiceDown'
    ? new WatchedAlert({ ...own, severity: 'critical' }, 'shop does not answer')
    : new WatchedAlert({ ...own, severity: 'warning' }, 'shop overloads its upstream with retries');
}

async function sampled(shopUrl: string): Promise<Sample | undefined> {
  try {
    const signal = AbortSignal.timeout(answerWithinMs);
    const answer = await fetch(new URL('/metrics', shopUrl), { signal });
    return answer.ok ? sampleOf(await answer.text()) : undefined;
  } catch {
    return undefined;
  }
}

async function tell(
  alert: WatchedAlert,
  { holds, plan }: { holds: boolean; plan: ProberPlan },
): Promise<void> {
  const due = alert.look(Date.now(), { holds });
  if (due !== undefined && (await posted(due, plan))) alert.sent(Date.now(), due);
}

/** Whether the webhook took it: anything but 2xx comes again at the next look. */
async function posted(alert: WebhookAlert, { webhook }: ProberPlan): Promise<boolean> {
  try {
    const answer = await fetch(webhook.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${webhook.token}` },
      body: JSON.stringify(webhookBody(alert)),
      signal: AbortSignal.timeout(postWithinMs),
    });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

/** A group of one alert, as Alertmanager would send it. */
export function webhookBody(alert: WebhookAlert): Readonly<Record<string, unknown>> {
  const { alertname = '', service = '' } = alert.labels;
  return {
    version: '4',
    groupKey: `{}:{alertname=${JSON.stringify(alertname)}, service=${JSON.stringify(service)}}`,
    truncatedAlerts: 0,
    status: alert.status,
    receiver: 'belay',
    groupLabels: { alertname, service },
    commonLabels: alert.labels,
    commonAnnotations: alert.annotations,
    externalURL: '',
    alerts: [alert],
  };
}

function prometheusAlerts(alerts: readonly WatchedAlert[]): unknown {
  const firing = firingOf(alerts).map(({ labels }) => ({ labels, state: 'firing' }));
  return { status: 'success', data: { alerts: firing } };
}

function alertmanagerAlerts(alerts: readonly WatchedAlert[]): unknown {
  return firingOf(alerts).map((alert) => ({ ...alert, status: { state: 'active' } }));
}

function firingOf(alerts: readonly WatchedAlert[]): WebhookAlert[] {
  return alerts.map((alert) => alert.firing()).filter((alert) => alert !== undefined);
}

/** It knows one series; any other query gives no sample. */
function answerTo(query: string, log: ProbeLog): Reply {
  const ratio = query.startsWith('service:error_ratio:5s') ? log.errorRatio() : undefined;
  const value = [Date.now() / 1000, String(ratio)];
  const result = ratio === undefined ? [] : [{ metric: { service: 'shop' }, value }];
  return { status: 200, body: { status: 'success', data: { resultType: 'vector', result } } };
}
