/**
 * Zabbix through a media type of type Webhook whose parameters are `zabbixParameters` and whose script posts them as one
 * JSON object of texts. Problem and recovery both name the problem: an episode is the trigger + the time of the problem.
 * Needs Zabbix 7.0 for the macros that give Unix times; an older one must fill in Unix seconds itself.
 */
import { z } from 'zod';
import { instantText } from '../../workflows/domain/time.js';
import { decodeJson } from './json.js';
import { alertOf, bodyOf, clean, firstOf, quoted, shaped, word, type Told } from './normal.js';
import type { Parsed, Problem, Sender } from './sender.js';

const source = 'zabbix';

/**
 * The parameters of the media type, name and value, as one types them in. Its script is:
 * `var to = JSON.parse(value), ask = new HttpRequest(); ask.addHeader('Content-Type: application/json');`
 * `ask.addHeader('Authorization: Bearer ' + to.token); var url = to.url; delete to.url; delete to.token;`
 * `ask.post(url, JSON.stringify(to)); if (ask.getStatus() >= 300) throw 'HTTP ' + ask.getStatus(); return 'OK';`
 * with two more parameters, `url` and `token`, which are not sent in the body.
 */
export const zabbixParameters = {
  format: 'belay-zabbix-1',
  event_source: '{EVENT.SOURCE}',
  event_id: '{EVENT.ID}',
  event_value: '{EVENT.VALUE}',
  update_status: '{EVENT.UPDATE.STATUS}',
  started_at: '{EVENT.TIMESTAMP}',
  recovered_at: '{EVENT.RECOVERY.TIMESTAMP}',
  name: '{EVENT.NAME}',
  severity: '{EVENT.SEVERITY}',
  tags: '{EVENT.TAGSJSON}',
  trigger_id: '{TRIGGER.ID}',
  trigger_description: '{TRIGGER.DESCRIPTION}',
  host: '{HOST.HOST}',
  operational_data: '{EVENT.OPDATA}',
  zabbix_url: '{$ZABBIX.URL}',
} as const;

/** Zabbix leaves a macro it has no value for as it stands, or says `*UNKNOWN*`. */
const macro = z
  .string()
  .transform((text) => (/^(\{[A-Z$].*\}|\*UNKNOWN\*)$/.test(text) ? '' : text));

const optional = macro.catch('');

/** Only what the parser looks at needs to be there. */
const body = z.looseObject({
  format: z.literal(zabbixParameters.format),
  event_source: macro,
  event_id: macro,
  event_value: macro,
  update_status: macro,
  started_at: macro,
  recovered_at: optional,
  name: macro,
  severity: optional,
  tags: optional,
  trigger_id: macro,
  trigger_description: optional,
  host: optional,
  operational_data: optional,
  zabbix_url: optional,
});

type Body = z.infer<typeof body>;

const unixSeconds = z.string().regex(/^[1-9]\d{8,9}$/, 'is no Unix time in seconds');

/** Looked at only in what begins or ends an episode: tests and updates need not bear them. */
const episode = z.object({
  event_value: z.enum(['0', '1']),
  started_at: unixSeconds,
  trigger_id: z.string().min(1, 'is empty'),
  name: z.string().regex(/\S/, 'is empty'),
});

/** Problems of triggers; those of services, discovery and Zabbix itself are kept unparsed. */
export const zabbix: Sender = { source, parse };

function parse(raw: Buffer | string): Parsed {
  const read = bodyOf(raw, body, fixOf);
  if (!read.ok) return read.wrong;
  const { event_id: id, event_source: from, update_status: update } = read.data;
  if (id === '') return { kind: 'nothing', why: 'a test of the media type: its macros are empty' };
  if (from !== '0') return { kind: 'unparsed', why: `event_source ${quoted(from)} is no trigger` };
  if (update === '1') return { kind: 'nothing', why: 'an update of a problem, such as a comment' };
  return ofProblem(read.data);
}

function ofProblem(read: Body): Parsed {
  const checked = shaped(read, episode, fixOf);
  if (!checked.ok) return checked.wrong;
  const startsAt = instantText(Number(checked.data.started_at) * 1000);
  if (checked.data.event_value === '1')
    return alertsOf(read, { status: 'firing', startsAt, endsAt: '' });
  const ended = unixSeconds.safeParse(read.recovered_at);
  if (!ended.success) return { kind: 'wrong', problems: [unended] };
  const endsAt = instantText(Number(ended.data) * 1000);
  return alertsOf(read, { status: 'resolved', startsAt, endsAt });
}

const unended: Problem = {
  path: 'recovered_at',
  problem: 'is no Unix time in seconds, but event_value says the problem has ended',
  fix: `set the parameter recovered_at of the media type to ${zabbixParameters.recovered_at}`,
};

function alertsOf(read: Body, times: Pick<Told, 'status' | 'startsAt' | 'endsAt'>): Parsed {
  const tags = tagsOf(read.tags);
  const alert = alertOf({
    source,
    ...times,
    // Zabbix numbers its triggers from the same number everywhere, and two installations may send here
    id: JSON.stringify([read.zabbix_url, read.trigger_id]),
    name: read.name,
    severity: read.severity,
    service: firstOf(tags, 'service', 'component') ?? read.host,
    environment: firstOf(tags, 'environment', 'env'),
    labels: { ...tags, host: read.host, trigger_id: read.trigger_id, event_id: read.event_id },
    annotations: { description: read.trigger_description, operational_data: read.operational_data },
    link: linkTo(read),
  });
  return { kind: 'alerts', alerts: [alert], truncated: 0 };
}

const tagList = z.array(z.object({ tag: word, value: word })).catch([]);

/** The first 50, a name that comes twice with both values: Zabbix's own templates give `scope` twice. */
function tagsOf(text: string): Record<string, string> {
  const decoded = decodeJson(text);
  const tags = tagList.parse(decoded.ok ? decoded.value : []).slice(0, 50);
  const values = new Map<string, string>();
  for (const { tag, value } of tags) {
    const before = values.get(tag);
    values.set(tag, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(values);
}

/** The page of the problem, where the administrator set the global macro with Zabbix's own address. */
function linkTo({ zabbix_url: base, trigger_id: trigger, event_id: id }: Body): string {
  if (base === '') return '';
  const query = new URLSearchParams({ triggerid: trigger, eventid: id });
  return `${clean(base.slice(0, 200)).replace(/\/$/, '')}/tr_events.php?${query.toString()}`;
}

function fixOf(path: string): string {
  const value = new Map<string, string>(Object.entries(zabbixParameters)).get(path);
  if (value !== undefined) return `set the parameter ${path} of the media type to ${value}`;
  return 'send the parameters of the media type (zabbixParameters) as one JSON object';
}
