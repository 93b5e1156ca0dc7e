/**
 * PagerDuty's open incidents, triggered or acknowledged. One that is missing is asked for by its id, and only its own word
 * `resolved` ends it: a token that sees less than before, or a page that shifted, ends nothing.
 */
import { z } from 'zod';
import { fingerprintOf, instant } from '../../../activities/senders/normal.js';
import { pagerduty } from '../../../activities/senders/pagerduty.js';
import type { Alert } from '../../../workflows/domain/alert.js';
import { instantMs, instantText } from '../../../workflows/domain/time.js';
import { askJson, under, Unread } from './ask.js';
import { asSent } from './source.js';
import type { PullSource, Reading, Seen } from './source.js';

export interface PagerdutyPull {
  /** `https://api.pagerduty.com`, or that of the account's region. */
  readonly url: string;
  /** A REST API key that may read incidents. */
  readonly token: string;
  /** Ids of the services whose incidents are ours; empty means all that the token sees. */
  readonly services: readonly string[];
}

/** The most one page may have, and as many pages as one look may take. */
const pageSize = 100;
const pagesMax = 10;

const incidentShape = z.looseObject({
  id: z.string().min(1).max(256),
  created_at: z.string().catch(''),
  incident_number: z.number().optional().catch(undefined),
  service: z.looseObject({ id: z.string() }).catch({ id: '' }),
});

type Incident = z.infer<typeof incidentShape>;

const pageShape = z.looseObject({ incidents: z.array(z.unknown()), more: z.boolean() });

const oneShape = z.looseObject({
  incident: z.looseObject({
    id: z.string(),
    status: z.string(),
    resolved_at: instant.nullish().catch(null),
    last_status_change_at: instant.nullish().catch(null),
  }),
});

/** Reads at most 1,000 incidents; with more open its answer is partial. */
export function pagerdutyPull(pull: PagerdutyPull): PullSource {
  const headers = {
    accept: 'application/vnd.pagerduty+json;version=2',
    authorization: `Token token=${pull.token}`,
  };
  const ask = (path: string, signal: AbortSignal): Promise<unknown> =>
    askJson({ url: under(pull.url, path), headers, signal });
  return {
    source: pagerduty.source,
    absentForMs: 0, // it is asked about each
    read: (signal) => readAll(pull, (path) => ask(path, signal)),
    endOf: (open, signal) => endOf(open, (path) => ask(path, signal)),
  };
}

type Ask = (path: string) => Promise<unknown>;

async function readAll(pull: PagerdutyPull, ask: Ask): Promise<Reading> {
  const firing = new Map<string, Seen>();
  let unreadable = 0;
  for (let page = 0; page < pagesMax; page += 1) {
    const { incidents, more } = pageOf(await ask(pathOf(page)));
    const read = incidents.map((incident) => incidentShape.safeParse(incident));
    for (const checked of read) {
      if (checked.success) firing.set(checked.data.id, seenOf(checked.data, pull));
      else unreadable += 1;
    }
    const partial = unreadable > 0 ? `${unreadable} of its incidents have no id` : null;
    if (!more) return { firing: [...firing.values()], partial };
  }
  const partial = `more than ${pagesMax * pageSize} incidents are open`;
  return { firing: [...firing.values()], partial };
}

/** All dates: without that it lists one month. The oldest first: what opens meanwhile comes last. */
function pathOf(page: number): string {
  const query = new URLSearchParams([
    ['statuses[]', 'triggered'],
    ['statuses[]', 'acknowledged'],
    ['date_range', 'all'],
    ['sort_by', 'created_at:asc'],
    ['limit', String(pageSize)],
    ['offset', String(page * pageSize)],
  ]);
  return `/incidents?${query.toString()}`;
}

function pageOf(answer: unknown): z.infer<typeof pageShape> {
  const checked = pageShape.safeParse(answer);
  if (checked.success) return checked.data;
  throw new Unread('its answer is no page of incidents');
}

function seenOf(incident: Incident, { services }: PagerdutyPull): Seen {
  return {
    fingerprint: fingerprintOf(incident.id),
    startedMs: instantMs(incident.created_at) ?? 0,
    isSent: services.length === 0 || services.includes(incident.service.id),
    alert: () => alertOf(incident),
  };
}

function alertOf(incident: Incident): Alert | null {
  const data = { ...incident, number: incident.incident_number };
  const type = 'incident.triggered';
  return asSent(pagerduty, {
    event: { event_type: type, occurred_at: incident.created_at, data },
  });
}

async function endOf({ fingerprint }: Alert, ask: Ask): Promise<string | null> {
  const answer = await ask(`/incidents/${encodeURIComponent(fingerprint)}`).catch(unlessUnknown);
  if (answer === null) return null;
  const checked = oneShape.safeParse(answer);
  if (!checked.success) throw new Unread('its answer is no incident');
  const { incident } = checked.data;
  if (incident.id !== fingerprint || incident.status !== 'resolved') return null;
  return incident.resolved_at ?? incident.last_status_change_at ?? instantText(Date.now());
}

/** An incident it does not know, or does not show to this token, has not said that it ended. */
function unlessUnknown(error: unknown): null {
  if (error instanceof Unread && error.status === 404) return null;
  throw error;
}
