/**
 * PagerDuty's webhooks, version 3, as alerts: one incident is one episode, from its `created_at`, which every body about
 * it repeats. A reopened incident keeps its id and `created_at`, so it is the same episode firing again, not a new one.
 */
import { z } from 'zod';
import type { Alert, AlertStatus } from '../../workflows/domain/alert.js';
import { alertOf, bodyOf, instant, quoted, shaped, word } from './normal.js';
import type { Parsed, Sender } from './sender.js';

const source = 'pagerduty';

const statusOf: Readonly<Record<string, AlertStatus>> = {
  'incident.triggered': 'firing',
  'incident.reopened': 'firing',
  'incident.resolved': 'resolved',
};

/** What people and other automation do about an incident; whether it is on or over stays as it was. */
const asides = [
  /^pagey\.ping$/,
  /^service\.(created|updated|deleted|custom_field_values\.updated)$/,
  /^incident\.(acknowledged|unacknowledged|annotated|delegated|escalated|reassigned)$/,
  /^incident\.(priority_updated|service_updated|status_update_published)$/,
  /^incident\.(conference_bridge|custom_field_values)\.updated$/,
  /^incident\.(incident_type\.changed|role\.assigned|task\.[a-z_]+)$/,
  /^incident\.(responder|workflow|action_invocation)\.[a-z_]+$/,
];

const envelope = z.looseObject({
  event: z.looseObject({ event_type: z.string().min(1), data: z.looseObject({}) }),
});

const named = z.looseObject({ id: word, summary: word }).catch({ id: '', summary: '' });

const incident = z.looseObject({
  event: z.looseObject({
    event_type: z.string(),
    occurred_at: instant,
    data: z.looseObject({
      id: z.string().min(1),
      title: z.string(),
      created_at: instant,
      number: z.number().optional().catch(undefined),
      html_url: word,
      incident_key: word,
      urgency: word,
      priority: named,
      service: named,
      escalation_policy: named,
    }),
  }),
});

function parse(raw: Buffer | string): Parsed {
  const body = bodyOf(raw, envelope, fixOf);
  if (!body.ok) return body.wrong;
  const type = body.data.event.event_type;
  if (asides.some((aside) => aside.test(type)))
    return { kind: 'nothing', why: `event_type ${quoted(type)}` };
  const status = Object.hasOwn(statusOf, type) ? statusOf[type] : undefined;
  if (status === undefined)
    return { kind: 'unparsed', why: `event_type ${quoted(type)} is unknown` };
  const read = shaped(body.data, incident, fixOf);
  if (!read.ok) return read.wrong;
  return { kind: 'alerts', alerts: [normalise(read.data.event, status)], truncated: 0 };
}

export const pagerduty: Sender = { source, parse };

type Told = z.infer<typeof incident>['event'];

function normalise({ data, occurred_at: occurredAt }: Told, status: AlertStatus): Alert {
  return alertOf({
    source,
    id: data.id,
    name: data.title,
    status,
    severity: data.priority.summary || data.urgency,
    startsAt: data.created_at,
    endsAt: occurredAt,
    service: data.service.summary || data.service.id,
    environment: undefined,
    labels: {
      service_id: data.service.id,
      priority: data.priority.summary,
      urgency: data.urgency,
      incident_key: data.incident_key,
      number: data.number,
      escalation_policy: data.escalation_policy.summary,
    },
    annotations: {},
    link: data.html_url,
  });
}

/** What the person who set the subscription up can change. */
function fixOf(path: string): string {
  if (path === 'event' || path === '') return 'use a webhook subscription of version 3, not 1 or 2';
  if (/_at$/.test(path)) return 'send RFC 3339, such as 2026-11-21T01:03:41Z';
  return "send PagerDuty's own webhook body (version 3) unchanged";
}
