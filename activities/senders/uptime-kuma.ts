/**
 * Uptime Kuma's notification of type Webhook with the preset body, `{heartbeat, monitor, msg}`. An episode is monitor +
 * the time of the beat that went down; since 2.1 the beat that comes up repeats it as `lastDownTime`. Older versions do
 * not say it: their resolution has its start unknown. Reminders (resend while down) bear another time: they are nothing.
 */
import { z } from 'zod';
import type { Alert } from '../../workflows/domain/alert.js';
import { instantMs } from '../../workflows/domain/time.js';
import { alertOf, bodyOf, endedAt, firstOf, word, type Told } from './normal.js';
import type { Parsed, Sender } from './sender.js';

const source = 'uptime-kuma';

const states = { down: 0, up: 1, pending: 2, maintenance: 3 } as const;

/** `2026-11-21 01:03:41.628` in UTC. The fraction is cut off: with MariaDB the two bodies of an episode differ in it. */
const time = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(\.\d+)?$/, 'is no time as Uptime Kuma writes it')
  .transform((text) => `${text.slice(0, 19).replace(' ', 'T')}Z`)
  .refine((text) => (instantMs(text) ?? 0) > 0, 'is no time after 1970');

const heartbeatShape = z.looseObject({
  status: z.number().int(),
  time,
  msg: word,
  /** False for reminders. */
  important: z.boolean().nullish(),
  lastDownTime: time.nullish(),
});

const monitorShape = z.looseObject({
  id: z.number().int(),
  name: z.string().regex(/\S/, 'is empty'),
  type: word,
  url: word,
  hostname: word,
  pathName: word,
  description: word,
  tags: z.array(z.looseObject({ name: word, value: word })).catch([]),
});

const webhook = z.looseObject({
  heartbeat: heartbeatShape.nullable(),
  monitor: monitorShape.nullable(),
  msg: z.string(),
});

type Heartbeat = z.infer<typeof heartbeatShape>;
type Monitor = z.infer<typeof monitorShape>;

/** Its preset JSON body; a custom body belongs to the sender `generic`. */
export const uptimeKuma: Sender = { source, startsEachTime: true, parse };

function parse(raw: Buffer | string): Parsed {
  const body = bodyOf(raw, webhook, fixOf);
  if (!body.ok) return body.wrong;
  const { heartbeat, monitor, msg } = body.data;
  return heartbeat === null || monitor === null ? withoutBeat(msg) : ofBeat(heartbeat, monitor);
}

/** The button Test sends no monitor; neither do warnings about certificates, which have no end. */
function withoutBeat(msg: string): Parsed {
  if (msg.endsWith('Testing')) return { kind: 'nothing', why: 'a test of the notification' };
  return { kind: 'unparsed', why: 'a message without a heartbeat, such as one of a certificate' };
}

function ofBeat(heartbeat: Heartbeat, monitor: Monitor): Parsed {
  switch (heartbeat.status) {
    case states.pending:
      return { kind: 'nothing', why: 'the monitor is being tried again' };
    case states.maintenance:
      return { kind: 'nothing', why: 'the monitor is in maintenance' };
    case states.down:
      if (heartbeat.important !== false) return alertsOf(heartbeat, monitor);
      return { kind: 'nothing', why: 'a reminder: the monitor is still down' };
    case states.up:
      return alertsOf(heartbeat, monitor);
    default:
      return { kind: 'unparsed', why: `heartbeat.status ${heartbeat.status} is not known here` };
  }
}

function alertsOf(heartbeat: Heartbeat, monitor: Monitor): Parsed {
  return { kind: 'alerts', alerts: [ofMonitor(heartbeat, monitor)], truncated: 0 };
}

function ofMonitor(heartbeat: Heartbeat, monitor: Monitor): Alert {
  const tags = tagsOf(monitor);
  return alertOf({
    source,
    // ids are counted per installation, and two of them may send here
    id: JSON.stringify([monitor.id, monitor.name]),
    name: monitor.name,
    status: heartbeat.status === states.down ? 'firing' : 'resolved',
    severity: firstOf(tags, 'severity') ?? '',
    ...timesOf(heartbeat),
    service: firstOf(tags, 'service') ?? monitor.name,
    environment: firstOf(tags, 'environment', 'env'),
    labels: { ...tags, ...factsOf(monitor) },
    annotations: { message: heartbeat.msg, description: monitor.description },
    link: withoutSecrets(monitor.url),
  });
}

function timesOf(heartbeat: Heartbeat): Pick<Told, 'startsAt' | 'endsAt'> {
  const { status, time: at, lastDownTime } = heartbeat;
  if (status === states.down) return { startsAt: at, endsAt: '' };
  if (lastDownTime === undefined || lastDownTime === null) return endedAt(at);
  return { startsAt: lastDownTime, endsAt: at };
}

/** The first 50: more would leave no room for what Uptime Kuma itself says. */
function tagsOf(monitor: Monitor): Record<string, string> {
  const tags = monitor.tags
    .slice(0, 50)
    .map(({ name, value }) => [name, value === '' ? 'true' : value] as const);
  return Object.fromEntries(tags);
}

function factsOf({ id, name, pathName, type, hostname, url }: Monitor): Told['labels'] {
  const path = { monitor: name, monitor_id: id, monitor_path: pathName };
  return { ...path, type, hostname, url: withoutSecrets(url) };
}

/** A monitored address may bear a password or a token; who reads an alert needs neither. */
function withoutSecrets(url: string): string {
  if (!URL.canParse(url)) return '';
  const { protocol, host, pathname } = new URL(url);
  return host === '' ? '' : `${protocol}//${host}${pathname}`;
}

function fixOf(path: string): string {
  if (/time$/i.test(path)) return 'send the time Uptime Kuma gives, in UTC, unchanged';
  return 'set the notification to Webhook with the preset JSON body, and send it unchanged';
}
