/**
 * Opsgenie's and Jira Service Management's webhook as alerts. The alert is its alias, of which one may be open at a time; the
 * episode starts at `createdAt`, which every body about it repeats, else at the time its `alertId` ends in.
 */
import { z } from 'zod';
import { instantText } from '../../workflows/domain/time.js';
import type { Alert, AlertStatus } from '../../workflows/domain/alert.js';
import {
  alertOf,
  bag,
  bodyOf,
  epochMs,
  firstOf,
  quoted,
  shaped,
  tagged,
  textIn,
  word,
  words,
} from './normal.js';
import type { Parsed, Sender } from './sender.js';

const source = 'opsgenie';

const statusOf: Readonly<Record<string, AlertStatus>> = {
  Create: 'firing',
  Close: 'resolved',
  Delete: 'resolved',
};

/** What people and policies do about an alert; whether it is on or over stays as it was. Custom actions have names of their own. */
const asides = new Set([
  ...['Acknowledge', 'UnAcknowledge', 'AddNote', 'AddTags', 'RemoveTags', 'AddDetails'],
  ...['RemoveDetails', 'AddTeam', 'AddRecipient', 'AddResponder', 'Assign', 'AssignOwnership'],
  ...['TakeOwnership', 'Escalate', 'EscalateNext', 'EscalateToNext', 'Snooze', 'SnoozeEnded'],
  ...['UpdatePriority', 'UpdateMessage', 'UpdateDescription'],
]);

const envelope = z.looseObject({
  action: z.string().min(1),
  alert: z.looseObject({ alertId: z.string().min(1) }),
});

const detail = z.looseObject({
  alert: z.preprocess(
    withStart,
    z.looseObject({
      alertId: z.string().min(1),
      message: z.string(),
      createdAt: epochMs,
      /** Nanoseconds, by their documentation; some bodies have milliseconds. */
      updatedAt: z.number().optional().catch(undefined),
      alias: word,
      priority: word,
      entity: word,
      description: word,
      source: word,
      tags: words,
      details: bag,
    }),
  ),
});

function parse(raw: Buffer | string): Parsed {
  const body = bodyOf(raw, envelope, fixOf);
  if (!body.ok) return body.wrong;
  const { action } = body.data;
  if (asides.has(action)) return { kind: 'nothing', why: `action ${quoted(action)}` };
  const status = Object.hasOwn(statusOf, action) ? statusOf[action] : undefined;
  if (status === undefined) return { kind: 'unparsed', why: `action ${quoted(action)} is unknown` };
  const read = shaped(body.data, detail, fixOf);
  if (!read.ok) return read.wrong;
  return { kind: 'alerts', alerts: [normalise(read.data.alert, status)], truncated: 0 };
}

export const opsgenie: Sender = { source, parse };

/** Their own ids are a UUID and the Unix milliseconds of the creation. */
function withStart(alert: unknown): unknown {
  if (typeof alert !== 'object' || alert === null) return alert;
  const { alertId, createdAt } = alert as Readonly<Record<string, unknown>>;
  const at = typeof alertId === 'string' ? /-(\d{13})$/.exec(alertId)?.[1] : undefined;
  return createdAt === undefined && at !== undefined ? { ...alert, createdAt: Number(at) } : alert;
}

type Told = z.infer<typeof detail>['alert'];

function normalise(told: Told, status: AlertStatus): Alert {
  const { details } = told;
  const tags = tagged(told.tags);
  return alertOf({
    source,
    id: told.alias || told.alertId,
    name: told.message,
    status,
    severity: told.priority,
    startsAt: instantText(told.createdAt),
    endsAt: instantText(endMs(told)),
    service: textIn(details, 'service') ?? (firstOf(tags, 'service') || told.entity),
    environment: textIn(details, 'environment') ?? firstOf(tags, 'environment', 'env'),
    labels: { ...details, entity: told.entity, source: told.source, ...tags },
    annotations: { description: told.description },
    link: '',
  });
}

function endMs({ createdAt, updatedAt = createdAt }: Told): number {
  const checked = epochMs.safeParse(updatedAt > 1e15 ? Math.floor(updatedAt / 1e6) : updatedAt);
  return checked.success ? checked.data : createdAt;
}

/** What the person who set the integration up can change. */
function fixOf(path: string): string {
  if (path === 'alert.createdAt') return 'send the alert with its createdAt, in Unix milliseconds';
  return "send Opsgenie's own webhook body unchanged, as JSON";
}
