/**
 * Sentry's webhooks of an integration as alerts. A metric alert's incident is an episode from `date_started`; an issue is one
 * from `firstSeen`, and a regression is the same issue firing again; an issue alert (`event_alert`) is one from its event's time
 * and is never resolved by Sentry. The body alone says which it is: the header `Sentry-Hook-Resource` is not needed.
 */
import { z } from 'zod';
import type { Alert, AlertStatus } from '../../workflows/domain/alert.js';
import { alertOf, bodyOf, firstOf, instant, quoted, shaped, word, words } from './normal.js';
import type { Parsed, Sender } from './sender.js';

const source = 'sentry';

const envelope = z.looseObject({ action: z.string().min(1), data: z.looseObject({}) });

const id = z.string().min(1);

const metricAlert = z.looseObject({
  data: z.looseObject({
    metric_alert: z.looseObject({
      id,
      title: word,
      date_started: instant,
      date_closed: word.or(z.null()).catch(null),
      projects: words,
      alert_rule: z
        .looseObject({ name: word, environment: word })
        .catch({ name: '', environment: '' }),
    }),
    description_text: word,
    description_title: word,
    web_url: word,
  }),
});

const issueShape = z.looseObject({
  data: z.looseObject({
    issue: z.looseObject({
      id,
      title: z.string(),
      firstSeen: instant,
      lastSeen: instant,
      level: word,
      culprit: word,
      shortId: word,
      platform: word,
      web_url: word,
      permalink: word,
      project: z.looseObject({ slug: word }).catch({ slug: '' }),
    }),
  }),
});

const eventAlert = z.looseObject({
  data: z.looseObject({
    event: z.looseObject({
      issue_id: id,
      title: z.string(),
      datetime: instant,
      level: word,
      culprit: word,
      environment: word,
      platform: word,
      web_url: word,
      tags: z.array(z.tuple([z.string(), z.string()])).catch([]),
    }),
    triggered_rule: z.string().min(1),
  }),
});

/** One kind of resource; `read` answers with alerts or with what is wrong in the body. */
interface Resource {
  /** The member of `data` that only this kind has. */
  readonly member: string;
  readonly statuses: Readonly<Record<string, AlertStatus>>;
  /** Actions after which it is on or over as before. */
  readonly asides: readonly string[];
  read(body: z.infer<typeof envelope>, status: AlertStatus): Alert | Parsed;
}

/** In this order: a comment and an event alert name their issue, too. */
const resources: readonly Resource[] = [
  {
    member: 'metric_alert',
    statuses: { critical: 'firing', warning: 'firing', resolved: 'resolved' },
    asides: [],
    read: readMetricAlert,
  },
  {
    member: 'triggered_rule',
    statuses: { triggered: 'firing' },
    asides: [],
    read: readEventAlert,
  },
  {
    member: 'issue',
    statuses: { created: 'firing', unresolved: 'firing', resolved: 'resolved' },
    asides: ['assigned', 'archived', 'ignored'],
    read: readIssue,
  },
];

/** Members of `data` of webhooks that are about no episode: single errors, comments, the integration's own life. */
const noEpisodes = ['error', 'comment', 'comment_id', 'installation'];

function parse(raw: Buffer | string): Parsed {
  const body = bodyOf(raw, envelope, fixOf);
  if (!body.ok) return body.wrong;
  const { action, data } = body.data;
  const resource = resources.find(({ member }) => Object.hasOwn(data, member));
  const aside = noEpisodes.find((member) => Object.hasOwn(data, member));
  if (resource === undefined && aside !== undefined)
    return { kind: 'nothing', why: `${aside} ${quoted(action)}` };
  if (resource === undefined)
    return { kind: 'unparsed', why: `a resource that is unknown, action ${quoted(action)}` };
  if (resource.asides.includes(action))
    return { kind: 'nothing', why: `${resource.member} ${quoted(action)}` };
  const status = Object.hasOwn(resource.statuses, action) ? resource.statuses[action] : undefined;
  if (status === undefined)
    return { kind: 'unparsed', why: `action ${quoted(action)} of ${resource.member} is unknown` };
  const read = resource.read(body.data, status);
  return 'kind' in read ? read : { kind: 'alerts', alerts: [read], truncated: 0 };
}

export const sentry: Sender = { source, parse };

function readMetricAlert(body: z.infer<typeof envelope>, status: AlertStatus): Alert | Parsed {
  const read = shaped(body, metricAlert, fixOf);
  if (!read.ok) return read.wrong;
  const { metric_alert: told, ...around } = read.data.data;
  const ended = instant.safeParse(told.date_closed);
  return alertOf({
    source,
    id: `metric-${told.id}`,
    name: told.alert_rule.name || told.title || around.description_title,
    status,
    severity: status === 'firing' ? body.action : '',
    startsAt: told.date_started,
    endsAt: ended.success ? ended.data : told.date_started,
    service: told.projects[0],
    environment: told.alert_rule.environment,
    labels: { project: told.projects[0], rule: told.alert_rule.name },
    annotations: { summary: around.description_title, description: around.description_text },
    link: around.web_url,
  });
}

function readIssue(body: z.infer<typeof envelope>, status: AlertStatus): Alert | Parsed {
  const read = shaped(body, issueShape, fixOf);
  if (!read.ok) return read.wrong;
  const told = read.data.data.issue;
  return alertOf({
    source,
    id: `issue-${told.id}`,
    name: told.title,
    status,
    severity: told.level,
    startsAt: told.firstSeen,
    endsAt: told.lastSeen,
    service: told.project.slug,
    environment: undefined,
    labels: { project: told.project.slug, issue: told.shortId, platform: told.platform },
    annotations: { culprit: told.culprit },
    link: told.web_url || told.permalink,
  });
}

function readEventAlert(body: z.infer<typeof envelope>, status: AlertStatus): Alert | Parsed {
  const read = shaped(body, eventAlert, fixOf);
  if (!read.ok) return read.wrong;
  const { event: told, triggered_rule: rule } = read.data.data;
  const tags = Object.fromEntries(told.tags);
  return alertOf({
    source,
    id: `rule:${told.issue_id}:${rule}`,
    name: rule,
    status,
    severity: told.level,
    startsAt: told.datetime,
    endsAt: told.datetime,
    service: firstOf(tags, 'service', 'server_name'),
    environment: told.environment || firstOf(tags, 'environment'),
    labels: { rule, issue: told.issue_id, platform: told.platform, ...tags },
    annotations: { summary: told.title, culprit: told.culprit },
    link: told.web_url,
  });
}

/** What the person who set the integration up can change. */
function fixOf(path: string): string {
  if (path === '' || path === 'action' || path === 'data')
    return "use an integration's webhook, not the legacy plugin 'WebHooks' of a project";
  if (/\.(date_started|firstSeen|lastSeen|datetime)$/.test(path))
    return 'send RFC 3339, such as 2026-11-21T01:03:41Z';
  return "send Sentry's own webhook body unchanged";
}
