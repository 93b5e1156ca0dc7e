/** Bodies of Alertmanager with many alerts each, none of which was ever sent before. Sends nothing. */
import { randomBytes } from 'node:crypto';

/** As Alertmanager names an alert: 16 hex digits. */
const fingerprintLength = 16;

/** Makes bodies of so many alerts; each begins now and is about a service of its own. */
export function createCrowd(alertsPerBody: number): (connection: number) => Buffer {
  const mark = randomBytes(2).toString('hex');
  const templates = new Map<number, Template>();
  let made = 0;
  return (connection) => {
    const template = templates.get(connection) ?? templateOf(alertsPerBody);
    templates.set(connection, template);
    for (const at of template.places) {
      made += 1;
      template.body.write(mark + made.toString(16).padStart(12, '0'), at, 'latin1');
    }
    return template.body;
  };
}

interface Template {
  readonly body: Buffer;
  /** Where the fingerprints stand. */
  readonly places: readonly number[];
}

function templateOf(alertsPerBody: number): Template {
  const text = bodyOf(alertsPerBody);
  const places: number[] = [];
  for (let at = text.indexOf(blank); at >= 0; at = text.indexOf(blank, at + 1)) places.push(at);
  return { body: Buffer.from(text, 'latin1'), places };
}

const blank = '-'.repeat(fingerprintLength);

function bodyOf(alertsPerBody: number): string {
  const startsAt = new Date().toISOString();
  const common = { alertname: 'ServiceDown', severity: 'page', environment: 'bench', team: 'shop' };
  const alerts = Array.from({ length: alertsPerBody }, (_, index) => ({
    status: 'firing',
    labels: { ...common, service: `shop-${index}`, instance: `10.0.0.${index}:9100`, job: 'probe' },
    annotations: { summary: `shop-${index} answers no probe`, description: 'since a few seconds' },
    startsAt,
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: 'http://prometheus.example/graph?g0.expr=probe_success+%3D%3D+0',
    fingerprint: blank,
  }));
  return JSON.stringify({
    version: '4',
    groupKey: '{}/{}:{alertname="ServiceDown"}',
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'belay',
    groupLabels: { alertname: 'ServiceDown' },
    commonLabels: common,
    commonAnnotations: {},
    externalURL: 'http://alertmanager.example',
    alerts,
  });
}
