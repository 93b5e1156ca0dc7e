/**
 * Prometheus Alertmanager's webhook, version 4, as alerts. The group's own status is ignored: a body may mix
 * firing and resolved alerts. Fields it does not use are let through unread, so newer Alertmanagers still fit.
 */
import { z } from 'zod';
import type { Alert } from '../../workflows/domain/alert.js';
import { decodeJson } from './json.js';
import { bounds, cleaned, firstOf, instant, linkOf, problemsOf, texts } from './normal.js';
import type { Parsed, Sender } from './sender.js';

const source = 'alertmanager';

const labels = texts({ countMax: bounds.labelsMax, lengthMax: bounds.labelLengthMax }).refine(
  (all) => (all['alertname'] ?? '') !== '',
  { error: 'alertname is missing or empty', path: ['alertname'] },
);

/** Longer ones are cut. */
const annotations = texts({ countMax: bounds.annotationsMax, lengthMax: Infinity });

const alertShape = z
  .object({
    status: z.enum(['firing', 'resolved']),
    labels,
    annotations,
    startsAt: instant,
    /** The zero time while the alert fires. */
    endsAt: z.string(),
    generatorURL: z.string().optional(),
    /** It becomes part of the workflow id, hence the alphabet. */
    fingerprint: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 _ -'),
  })
  .refine((alert) => alert.status === 'firing' || instant.safeParse(alert.endsAt).success, {
    error: 'is no RFC 3339 instant after 1970, but the alert is resolved',
    path: ['endsAt'],
  });

const webhook = z.object({
  version: z.literal('4'),
  status: z.enum(['firing', 'resolved']),
  receiver: z.string(),
  groupKey: z.string(),
  alerts: z.array(alertShape).min(1),
  /** Absent before Alertmanager 0.22. */
  truncatedAlerts: z.number().int().min(0).default(0),
});

/** Every alert of one webhook body, or every problem in it (at most 20). Never throws. */
export function parse(raw: Buffer | string): Parsed {
  const decoded = decodeJson(raw);
  if (!decoded.ok) return { kind: 'wrong', problems: [decoded.problem] };
  const checked = webhook.safeParse(decoded.value);
  if (!checked.success) return { kind: 'wrong', problems: problemsOf(checked.error, fixOf) };
  const { alerts, truncatedAlerts } = checked.data;
  return { kind: 'alerts', alerts: alerts.map(normalise), truncated: truncatedAlerts };
}

export const alertmanager: Sender = { source, parse };

function normalise(alert: z.infer<typeof alertShape>): Alert {
  const own = cleaned(alert.labels, bounds.labelLengthMax);
  return {
    source,
    fingerprint: alert.fingerprint,
    name: own['alertname'] ?? '',
    status: alert.status,
    severity: firstOf(own, 'severity') ?? 'unknown',
    startsAt: alert.startsAt,
    endsAt: alert.status === 'firing' ? null : alert.endsAt,
    service: firstOf(own, 'service', 'job', 'instance') ?? 'unknown',
    environment: firstOf(own, 'environment', 'env', 'cluster') ?? '',
    labels: own,
    annotations: cleaned(alert.annotations, bounds.annotationLengthMax),
    link: linkOf(alert.generatorURL ?? ''),
  };
}

/** What the person who set the sender up can change. */
function fixOf(path: string): string {
  if (path === 'version') return 'send webhook version 4, without a custom payload template';
  if (path.endsWith('labels.alertname')) return 'give the alerting rule a name (label alertname)';
  if (/\.(startsAt|endsAt)$/.test(path)) return 'send RFC 3339, such as 2026-11-21T01:03:41Z';
  if (path.endsWith('fingerprint')) return "send Alertmanager's own fingerprint unchanged";
  return "send Alertmanager's own webhook body (version 4) unchanged";
}
