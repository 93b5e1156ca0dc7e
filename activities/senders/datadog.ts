/**
 * Datadog's webhook as alerts; the body is `payloadTemplate`, of `$` variables alone. The alert is
 * `$AGGREG_KEY` (one group of one monitor). No variable of a webhook tells when the episode began, but one of the monitor's
 * message does and keeps its value until the recovery: the message must say `belay-start {{first_triggered_at_epoch}}`.
 */
import { z } from 'zod';
import { instantText } from '../../workflows/domain/time.js';
import type { Alert, AlertStatus } from '../../workflows/domain/alert.js';
import { alertOf, bodyOf, epochMs, firstOf, quoted, shaped, tagged, word } from './normal.js';
import type { Parsed, Sender } from './sender.js';

const source = 'datadog';

/** What to write into the field Payload of the webhook; `docs/senders.md` shows it. */
export const payloadTemplate = {
  alert: '$AGGREG_KEY',
  transition: '$ALERT_TRANSITION',
  date: '$DATE',
  monitor: '$ALERT_ID',
  name: '$ALERT_TITLE',
  title: '$EVENT_TITLE',
  message: '$TEXT_ONLY_MSG',
  priority: '$ALERT_PRIORITY',
  type: '$ALERT_TYPE',
  scope: '$ALERT_SCOPE',
  tags: '$TAGS',
  link: '$LINK',
} as const;

/** `$ALERT_TRANSITION`, lower case. */
const firing = /^(re-)?(triggered|warn|no data)$|^renotify$/;
const recovered = /^((warn|no data|alert) )?recovered$/;

/** What the monitor's message says about the start; several that differ are none. */
const startMark = /belay-start[\s:=]+(\d{13})(?!\d)/g;

/** The state before the monitor's name, such as `[P1] [Triggered on {host:a}]`: the name must not change with it. */
const prefix =
  /^(?:\[(?:TEST|P[1-5]|(?:Re-)?(?:Triggered|Warn|No Data)|(?:(?:Warn|No Data) )?Recovered|Renotify)(?:\s+(?:on|for)\s[^\]]*)?\]\s*)+/i;

/** `$DATE` comes as text when the template quotes it. */
const date = z
  .union([z.number(), z.string().regex(/^\d{13}$/, 'is no Unix time in milliseconds')])
  .transform(Number)
  .pipe(epochMs);

const envelope = z.looseObject({ transition: z.string(), title: word, message: word });

const delivery = z.looseObject({
  alert: z.string().min(1),
  transition: z.string(),
  date,
  monitor: word,
  name: word,
  message: word,
  priority: word,
  type: word,
  scope: word,
  tags: word,
  link: word,
});

function parse(raw: Buffer | string): Parsed {
  const body = bodyOf(raw, envelope, fixOf);
  if (!body.ok) return body.wrong;
  const { transition, title, message } = body.data;
  if (/^\[TEST\]/i.test(title)) return { kind: 'nothing', why: 'a test of the monitor' };
  if (transition === '') return { kind: 'nothing', why: 'no monitor changed its state' };
  const status = statusOf(transition.toLowerCase());
  if (status === undefined)
    return { kind: 'unparsed', why: `transition ${quoted(transition)} is unknown` };
  const startedMs = startOf(message);
  if (startedMs === undefined) return { kind: 'unparsed', why: noStart };
  const read = shaped(body.data, delivery, fixOf);
  if (!read.ok) return read.wrong;
  const alert = normalise(read.data, { status, startsAt: instantText(startedMs) });
  return { kind: 'alerts', alerts: [alert], truncated: 0 };
}

export const datadog: Sender = { source, parse };

const noStart =
  'the message tells no start: write belay-start {{first_triggered_at_epoch}} once into the message of the monitor';

function statusOf(transition: string): AlertStatus | undefined {
  if (firing.test(transition)) return 'firing';
  return recovered.test(transition) ? 'resolved' : undefined;
}

function startOf(message: string): number | undefined {
  const [started, ...others] = new Set([...message.matchAll(startMark)].map(([, at]) => at));
  const startedMs = epochMs.safeParse(Number(started));
  return startedMs.success && others.length === 0 ? startedMs.data : undefined;
}

interface State {
  readonly status: AlertStatus;
  readonly startsAt: string;
}

function normalise(told: z.infer<typeof delivery>, { status, startsAt }: State): Alert {
  const labels = { ...tagged(listOf(told.scope)), ...tagged(listOf(told.tags)) };
  return alertOf({
    source,
    id: told.alert,
    name: told.name.replace(prefix, '') || `monitor ${told.monitor}`,
    status,
    severity: told.priority || (status === 'firing' ? told.type : ''),
    startsAt,
    endsAt: instantText(told.date),
    service: firstOf(labels, 'service', 'host'),
    environment: firstOf(labels, 'env', 'environment'),
    labels: { monitor_id: told.monitor, ...labels },
    annotations: { message: told.message },
    link: told.link,
  });
}

function listOf(commaSeparated: string): string[] {
  return commaSeparated.split(',').filter((tag) => !['', '*'].includes(tag.trim()));
}

/** What the person who set the webhook up can change. */
function fixOf(path: string): string {
  const variables: Readonly<Record<string, string>> = payloadTemplate;
  const variable = Object.hasOwn(variables, path) ? variables[path] : undefined;
  if (variable !== undefined) return `write "${path}": "${variable}" into the webhook's payload`;
  return "take the payload of docs/senders.md, without 'encode as form'";
}
