/**
 * What fires in the Alertmanager inside Grafana. Its webhook leaves private labels and annotations (`__name__`) out and puts
 * the organisation into the link; so does this. A token sees one organisation.
 */
import { grafana } from '../../../activities/senders/grafana.js';
import type { Alert } from '../../../workflows/domain/alert.js';
import { minutes } from '../../../workflows/domain/time.js';
import { askJson, under } from './ask.js';
import { asFiring, everything, readingOf } from './gettable.js';
import type { Entry } from './gettable.js';
import { asSent } from './source.js';
import type { PullSource } from './source.js';

export interface GrafanaPull {
  readonly url: string;
  /** Of a service account that may read alerts. */
  readonly token: string;
  /** The contact point's name. */
  readonly receiver: string;
  readonly absentForMs?: number;
}

/** It does not say since when it is up, and after a start it knows an alert again when its rule was evaluated. */
const absentForMs = minutes(5);

const path = `/api/alertmanager/grafana/api/v2/alerts?${everything}`;

/** Reads one Grafana. */
export function grafanaPull({ url, token, receiver, ...options }: GrafanaPull): PullSource {
  const headers = { accept: 'application/json', authorization: `Bearer ${token}` };
  return {
    source: grafana.source,
    absentForMs: options.absentForMs ?? absentForMs,
    read: async (signal) =>
      readingOf(await askJson({ url: under(url, path), headers, signal }), { receiver, alertOf }),
  };
}

function alertOf(entry: Entry): Alert | null {
  const { annotations } = entry;
  const open: Entry = {
    ...entry,
    labels: publicOf(entry.labels),
    annotations: publicOf(annotations),
    generatorURL: linkOf(entry.generatorURL ?? '', annotations['__orgId__'] ?? ''),
  };
  return asSent(grafana, { version: '1', alerts: [asFiring(open)] });
}

function publicOf(texts: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(texts).filter(([name]) => !/^__.*__$/s.test(name));
  return Object.fromEntries(entries);
}

function linkOf(link: string, organisation: string): string {
  if (organisation === '' || !URL.canParse(link)) return link;
  const url = new URL(link);
  url.searchParams.set('orgId', organisation);
  return url.toString();
}
