/**
 * New Relic's workflow webhook as alerts, in the payload template it proposes. An issue is one episode from `createdAt`, which
 * every notification about it repeats. The template may add `service` and `environment`; other members are let through unread.
 */
import { z } from 'zod';
import { instantText } from '../../workflows/domain/time.js';
import type { Alert, AlertStatus } from '../../workflows/domain/alert.js';
import { alertOf, bodyOf, epochMs, quoted, shaped, word, words } from './normal.js';
import type { Parsed, Sender } from './sender.js';

const source = 'newrelic';

const statusOf: Readonly<Record<string, AlertStatus>> = {
  ACTIVATED: 'firing',
  CLOSED: 'resolved',
};

/** Not active yet, and no longer but not closed. */
const asideStates = new Set(['CREATED', 'DEACTIVATED']);
/** What people do about an open issue. */
const asideTriggers = new Set(['ACKNOWLEDGED', 'UNACKNOWLEDGED', 'INVESTIGATING']);

const envelope = z.looseObject({ id: z.string().min(1), state: z.string().min(1), trigger: word });

const legacy = z.looseObject({
  incident_id: z.union([z.number(), z.string()]),
  current_state: z.string(),
});

const issue = z.looseObject({
  id: z.string(),
  title: word,
  priority: word,
  createdAt: epochMs,
  updatedAt: epochMs.optional().catch(undefined),
  closedAt: epochMs.optional().catch(undefined),
  issueUrl: word,
  impactedEntities: words,
  alertPolicyNames: words,
  alertConditionNames: words,
  workflowName: word,
  service: word,
  environment: word,
});

function parse(raw: Buffer | string): Parsed {
  const body = bodyOf(raw, z.looseObject({}), fixOf);
  if (!body.ok) return body.wrong;
  if (legacy.safeParse(body.data).success)
    return { kind: 'unparsed', why: 'a body of a legacy notification channel: use a workflow' };
  const read = shaped(body.data, envelope, fixOf);
  if (!read.ok) return read.wrong;
  const { state, trigger } = read.data;
  if (asideStates.has(state)) return { kind: 'nothing', why: `state ${quoted(state)}` };
  const status = Object.hasOwn(statusOf, state) ? statusOf[state] : undefined;
  if (status === undefined) return { kind: 'unparsed', why: `state ${quoted(state)} is unknown` };
  if (status === 'firing' && asideTriggers.has(trigger))
    return { kind: 'nothing', why: `trigger ${quoted(trigger)}` };
  const full = shaped(read.data, issue, fixOf);
  if (!full.ok) return full.wrong;
  return { kind: 'alerts', alerts: [normalise(full.data, status)], truncated: 0 };
}

export const newrelic: Sender = { source, parse };

function normalise(told: z.infer<typeof issue>, status: AlertStatus): Alert {
  const [entity = ''] = told.impactedEntities;
  const [condition = ''] = told.alertConditionNames;
  const [policy = ''] = told.alertPolicyNames;
  return alertOf({
    source,
    id: told.id,
    name: condition || told.title || policy,
    status,
    severity: told.priority,
    startsAt: instantText(told.createdAt),
    endsAt: instantText(told.closedAt ?? told.updatedAt ?? told.createdAt),
    service: told.service || entity,
    environment: told.environment,
    labels: { entity, condition, policy, workflow: told.workflowName },
    annotations: { summary: told.title, entities: told.impactedEntities.join(', ') },
    link: told.issueUrl,
  });
}

/** What the person who set the workflow up can change. */
function fixOf(path: string): string {
  const variables: Readonly<Record<string, string>> = {
    id: '{{ json issueId }}',
    state: '{{ json state }}',
    createdAt: '{{ createdAt }}',
  };
  const variable = Object.hasOwn(variables, path) ? variables[path] : undefined;
  if (variable !== undefined) return `write "${path}": ${variable} into the payload template`;
  return 'take the payload template that New Relic proposes';
}
