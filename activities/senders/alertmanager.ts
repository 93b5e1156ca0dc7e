/**
 * Prometheus Alertmanager's webhook, version 4, as alerts. The group's own status is ignored: a body may mix
 * firing and resolved alerts. Fields it does not use are let through unread, so newer Alertmanagers still fit.
 */
import { z } from 'zod';
import type { Alert } from '../../workflows/domain/alert.js';
import { instantMs } from '../../workflows/domain/time.js';
import { decodeJson } from './json.js';
import type { Parsed, Problem, Sender } from './sender.js';

const source = 'alertmanager';

/** Far above what monitors send, far below what would hurt a run's input (2 MiB at Temporal). */
const bounds = {
  labelsMax: 64,
  labelLengthMax: 2_048,
  annotationsMax: 64,
  /** Longer annotations are cut, not refused: they are prose for people. */
  annotationLengthMax: 4_000,
  problemsMax: 20,
} as const;

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** Alertmanager's zero time, year 1, lies before 1970 too. */
const instant = z.string().refine((text) => rfc3339.test(text) && (instantMs(text) ?? 0) > 0, {
  error: 'is no RFC 3339 instant after 1970',
});

const label = z.string().max(bounds.labelLengthMax);

const labels = z
  .record(z.string(), label)
  .refine((all) => Object.keys(all).length <= bounds.labelsMax, {
    error: `has more than ${bounds.labelsMax} labels`,
  })
  .refine((all) => (all['alertname'] ?? '') !== '', {
    error: 'alertname is missing or empty',
    path: ['alertname'],
  });

const annotations = z
  .record(z.string(), z.string())
  .refine((all) => Object.keys(all).length <= bounds.annotationsMax, {
    error: `has more than ${bounds.annotationsMax} annotations`,
  });

const alertShape = z
  .looseObject({
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

const webhook = z.looseObject({
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
  if (!decoded.ok) return { ok: false, problems: [decoded.problem] };
  const checked = webhook.safeParse(decoded.value);
  if (!checked.success) return { ok: false, problems: problemsOf(checked.error) };
  const { alerts, truncatedAlerts } = checked.data;
  return { ok: true, alerts: alerts.map(normalise), truncated: truncatedAlerts };
}

export const alertmanager: Sender = { source, parse };

function normalise(alert: z.infer<typeof alertShape>): Alert {
  const own = cleaned(alert.labels, bounds.labelLengthMax);
  const first = (...names: string[]): string | undefined =>
    names.map((name) => own[name]).find((value) => value !== undefined && value !== '');
  return {
    source,
    fingerprint: alert.fingerprint,
    name: own['alertname'] ?? '',
    status: alert.status,
    severity: first('severity') ?? 'unknown',
    startsAt: alert.startsAt,
    endsAt: alert.status === 'firing' ? null : alert.endsAt,
    service: first('service', 'job', 'instance') ?? 'unknown',
    environment: first('environment', 'env', 'cluster') ?? '',
    labels: own,
    annotations: cleaned(alert.annotations, bounds.annotationLengthMax),
    link: linkOf(alert.generatorURL ?? ''),
  };
}

/**
 * NUL and lone surrogates become U+FFFD: PostgreSQL's jsonb takes neither, and one such character in one
 * annotation must not cost the whole group.
 */
function cleaned(texts: Record<string, string>, lengthMax: number): Record<string, string> {
  const clean = (text: string): string => text.replace(/\0|\p{Surrogate}/gu, '\ufffd');
  const entries = Object.entries(texts).map(([name, text]) => {
    return [clean(name), clean(text.slice(0, lengthMax))] as const;
  });
  return Object.fromEntries(entries);
}

/** Only web links: it is shown to people who click it. */
function linkOf(url: string): string | null {
  return /^https?:\/\/\S+$/i.test(url) ? url.slice(0, bounds.labelLengthMax) : null;
}

function problemsOf(error: z.ZodError): Problem[] {
  return error.issues.slice(0, bounds.problemsMax).map((issue) => {
    const path = pathText(issue.path);
    return { path, problem: issue.message, fix: fixOf(path) };
  });
}

function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += `${text === '' ? '' : '.'}${String(part).slice(0, 80)}`;
  }
  return text;
}

/** What the person who set the sender up can change. */
function fixOf(path: string): string {
  if (path === 'version') return 'send webhook version 4, without a custom payload template';
  if (path.endsWith('labels.alertname')) return 'give the alerting rule a name (label alertname)';
  if (/\.(startsAt|endsAt)$/.test(path)) return 'send RFC 3339, such as 2026-11-21T01:03:41Z';
  if (path.endsWith('fingerprint')) return "send Alertmanager's own fingerprint unchanged";
  return "send Alertmanager's own webhook body (version 4) unchanged";
}
