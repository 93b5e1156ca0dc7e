/**
 * Google Cloud Monitoring's webhook as alerts. An incident is one episode from `started_at` (seconds), which its closing
 * repeats. Its id has a dot, so the fingerprint is a hash of it.
 */
import { z } from 'zod';
import { instantText, seconds } from '../../workflows/domain/time.js';
import type { Alert, AlertStatus } from '../../workflows/domain/alert.js';
import { alertOf, bag, bodyOf, epochMs, quoted, shaped, textIn, word } from './normal.js';
import type { Parsed, Sender } from './sender.js';

const source = 'gcp-monitoring';

/** Lower case: they have written it both ways. */
const statusOf: Readonly<Record<string, AlertStatus>> = { open: 'firing', closed: 'resolved' };

const epochSeconds = z
  .number('is no number')
  .refine((at) => epochMs.safeParse(seconds(at)).success, {
    error: 'is no Unix time in seconds after 2001',
  });

const envelope = z.looseObject({ version: z.string().min(1), incident: z.looseObject({}) });

const labelled = z.looseObject({ type: word, labels: bag }).catch({ type: '', labels: {} });

const incidentShape = z.looseObject({
  incident: z
    .looseObject({
      incident_id: z.string().min(1),
      state: z.string().min(1),
      started_at: epochSeconds,
      ended_at: z.unknown().optional(),
      policy_name: z.string().min(1),
      condition_name: word,
      severity: word,
      summary: word,
      url: word,
      scoping_project_id: word,
      resource_name: word,
      resource_display_name: word,
      resource: labelled,
      metric: labelled,
      policy_user_labels: bag,
      documentation: z.looseObject({ content: word }).catch({ content: '' }),
    })
    .refine((told) => !isClosed(told.state) || epochSeconds.safeParse(told.ended_at).success, {
      error: 'is no Unix time in seconds, but the incident is closed',
      path: ['ended_at'],
    }),
});

function parse(raw: Buffer | string): Parsed {
  const body = bodyOf(raw, envelope, fixOf);
  if (!body.ok) return body.wrong;
  const { version } = body.data;
  if (version === 'test') return { kind: 'nothing', why: 'a test of the notification channel' };
  if (!/^1\.\d+$/.test(version))
    return { kind: 'unparsed', why: `version ${quoted(version)} is unknown` };
  const read = shaped(body.data, incidentShape, fixOf);
  if (!read.ok) return read.wrong;
  const told = read.data.incident;
  const state = told.state.toLowerCase();
  if (state === 'acknowledged') return { kind: 'nothing', why: 'an acknowledgement' };
  const status = Object.hasOwn(statusOf, state) ? statusOf[state] : undefined;
  if (status === undefined)
    return { kind: 'unparsed', why: `state ${quoted(told.state)} is unknown` };
  return { kind: 'alerts', alerts: [normalise(told, status)], truncated: 0 };
}

export const gcpMonitoring: Sender = { source, parse };

function isClosed(state: string): boolean {
  return state.toLowerCase() === 'closed';
}

function normalise(told: z.infer<typeof incidentShape>['incident'], status: AlertStatus): Alert {
  const { policy_user_labels: own, resource, metric } = told;
  return alertOf({
    source,
    id: told.incident_id,
    name: told.policy_name,
    status,
    severity: told.severity,
    startsAt: instantText(seconds(told.started_at)),
    endsAt: status === 'resolved' ? instantText(seconds(Number(told.ended_at))) : '',
    service:
      textIn(own, 'service') ??
      textIn(resource.labels, 'service_name') ??
      (told.resource_display_name || told.resource_name),
    environment: textIn(own, 'environment') ?? textIn(own, 'env'),
    labels: {
      ...metric.labels,
      ...resource.labels,
      project: told.scoping_project_id,
      resource: resource.type,
      metric: metric.type,
      condition: told.condition_name,
      ...own,
    },
    annotations: { summary: told.summary, description: told.documentation.content },
    link: told.url,
  });
}

/** What the person who set the notification channel up can change. */
function fixOf(path: string): string {
  if (path === 'version' || path === 'incident')
    return 'send the body of a webhook channel, not that of Pub/Sub push or of another tool';
  if (/\.(started_at|ended_at)$/.test(path)) return 'send Unix seconds, such as 1795222800';
  return "send Cloud Monitoring's own webhook body unchanged";
}
