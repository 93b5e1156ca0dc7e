/**
 * Grafana's unified alerting webhook, version 1, as alerts. The group's own status is ignored, as in Alertmanager's, from
 * which the body descends; a custom payload template is no body of this sender. An episode is `fingerprint` + `startsAt`;
 * a Grafana that lost its alerts (a restart) resolves with `startsAt` = `endsAt`, which `startUnknown` tells.
 */
import { z } from 'zod';
import type { Alert } from '../../workflows/domain/alert.js';
import { alertOf, bag, bodyOf, bounds, firstOf, instant, shaped, word } from './normal.js';
import type { Parsed, Sender } from './sender.js';

const source = 'grafana';

/** The label it gives every alert of the button "Test" at a contact point. */
const testName = 'TestAlert';

const labels = z
  .record(z.string(), z.string())
  .refine((all) => Object.keys(all).length <= bounds.labelsMax, {
    error: `has more than ${bounds.labelsMax} labels`,
  })
  .refine((all) => (all['alertname'] ?? '') !== '', {
    error: 'alertname is missing or empty',
    path: ['alertname'],
  });

const alertShape = z
  .looseObject({
    status: z.enum(['firing', 'resolved']),
    labels,
    annotations: bag,
    startsAt: instant,
    /** The zero time while the alert fires. */
    endsAt: z.string(),
    generatorURL: word,
    dashboardURL: word,
    fingerprint: z.string().min(1),
  })
  .refine((alert) => alert.status === 'firing' || instant.safeParse(alert.endsAt).success, {
    error: 'is no RFC 3339 instant after 1970, but the alert is resolved',
    path: ['endsAt'],
  });

const webhook = z.looseObject({
  version: z.literal('1'),
  alerts: z.array(alertShape).min(1),
  truncatedAlerts: z.number().int().min(0).default(0),
});

const envelope = z.looseObject({
  version: z.unknown().optional(),
  alerts: z.unknown().optional(),
  /** Only Grafana's alerting from before version 9 has it at the top. */
  ruleId: z.unknown().optional(),
});

function parse(raw: Buffer | string): Parsed {
  const body = bodyOf(raw, envelope, fixOf);
  if (!body.ok) return body.wrong;
  const why = unknownIn(body.data);
  if (why !== undefined) return { kind: 'unparsed', why };
  const read = shaped(body.data, webhook, fixOf);
  if (!read.ok) return read.wrong;
  const alerts = read.data.alerts.filter((alert) => !isTest(alert.labels));
  if (alerts.length === 0) return { kind: 'nothing', why: 'a test of the contact point' };
  return { kind: 'alerts', alerts: alerts.map(normalise), truncated: read.data.truncatedAlerts };
}

export const grafana: Sender = { source, parse };

function unknownIn(body: z.infer<typeof envelope>): string | undefined {
  if (typeof body.ruleId === 'number' && body.alerts === undefined)
    return 'a body of the alerting before Grafana 9: it has no episodes; use unified alerting';
  if (typeof body.version === 'string' && body.version !== '1' && Array.isArray(body.alerts))
    return 'a webhook version other than 1';
  return undefined;
}

function isTest(own: Readonly<Record<string, string>>): boolean {
  return own['alertname'] === testName && own['instance'] === 'Grafana';
}

function normalise(alert: z.infer<typeof alertShape>): Alert {
  const own = alert.labels;
  return alertOf({
    source,
    id: alert.fingerprint,
    name: own['alertname'] ?? '',
    status: alert.status,
    severity: firstOf(own, 'severity') ?? '',
    startsAt: alert.startsAt,
    endsAt: alert.endsAt,
    service: firstOf(own, 'service', 'job', 'instance'),
    environment: firstOf(own, 'environment', 'env', 'cluster'),
    labels: own,
    annotations: alert.annotations,
    link: alert.generatorURL || alert.dashboardURL,
  });
}

/** What the person who set the contact point up can change. */
function fixOf(path: string): string {
  if (path === 'version') return "leave the contact point's custom payload empty";
  if (path.endsWith('labels.alertname')) return 'give the alert rule a name (label alertname)';
  if (/\.(startsAt|endsAt)$/.test(path)) return 'send RFC 3339, such as 2026-11-21T01:03:41Z';
  if (path.endsWith('fingerprint')) return "send Grafana's own fingerprint unchanged";
  return "send Grafana's own webhook body (version 1), without a custom payload";
}
