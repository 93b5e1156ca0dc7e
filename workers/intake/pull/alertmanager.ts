/**
 * What fires in Alertmanager. It keeps alerts in memory only: for a while after its start it does not know what Prometheus
 * has not sent again yet, and what is missing then means nothing. Several that stand for one another are read together.
 */
import { z } from 'zod';
import { alertmanager } from '../../../activities/senders/alertmanager.js';
import { durationText, instantMs, minutes } from '../../../workflows/domain/time.js';
import { messageOf } from '../../../workflows/domain/failure.js';
import { askJson, under, Unread } from './ask.js';
import { asFiring, everything, readingOf } from './gettable.js';
import type { Entry } from './gettable.js';
import { asSent } from './source.js';
import type { PullSource, Reading, Seen } from './source.js';

export interface AlertmanagerPull {
  /** Every one that sends to us: what none of them shows is over. */
  readonly urls: readonly string[];
  readonly receiver: string;
  /** Shown as a bearer token; null shows nothing. */
  readonly token: string | null;
  readonly absentForMs?: number;
  /** Up for less, it may not have heard everything again. */
  readonly upForMs?: number;
}

/** Two looks at the usual interval. */
const absentForMs = minutes(2);
/** Prometheus sends what fires once a minute and again after its own errors. */
const upForMs = minutes(5);

const statusShape = z.looseObject({ uptime: z.string() });

/** Reads all of them; one that cannot be read makes the answer partial, all of them none. */
export function alertmanagerPull(pull: AlertmanagerPull): PullSource {
  return {
    source: alertmanager.source,
    absentForMs: pull.absentForMs ?? absentForMs,
    read: async (signal) => {
      const asked = pull.urls.map((url) => readOne(pull, url, signal));
      return joined(await Promise.allSettled(asked));
    },
  };
}

/** Its uptime is asked for last: the list is then from no earlier life of it than we believe. */
async function readOne(pull: AlertmanagerPull, base: string, signal: AbortSignal) {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (pull.token !== null) headers['authorization'] = `Bearer ${pull.token}`;
  const list = under(base, `/api/v2/alerts?${everything}`);
  const alerts = await askJson({ url: list, headers, signal });
  const reading = readingOf(alerts, { receiver: pull.receiver, alertOf });
  const status = await askJson({ url: under(base, '/api/v2/status'), headers, signal });
  return { ...reading, partial: reading.partial ?? tooYoung(status, pull.upForMs ?? upForMs) };
}

function tooYoung(status: unknown, settledMs: number): string | null {
  const checked = statusShape.safeParse(status);
  const sinceMs = checked.success ? instantMs(checked.data.uptime) : undefined;
  if (sinceMs === undefined) return 'it does not say since when it is up';
  const upMs = Date.now() - sinceMs;
  return upMs < settledMs ? `it is up for ${durationText(upMs)} only` : null;
}

function joined(answers: readonly PromiseSettledResult<Reading>[]): Reading {
  const readings = answers.flatMap((answer) =>
    answer.status === 'fulfilled' ? [answer.value] : [],
  );
  const errors = answers.flatMap((answer) =>
    answer.status === 'rejected' ? [messageOf(answer.reason)] : [],
  );
  if (readings.length === 0) throw new Unread(errors.join('; '));
  const partial = [...errors, ...readings.flatMap((reading) => reading.partial ?? [])].join('; ');
  const firing = merged(readings.flatMap((reading) => reading.firing));
  return { firing, partial: partial === '' ? null : partial };
}

/** One of each: the earliest start any of them knows, and sent when one of them sends it. */
function merged(seen: readonly Seen[]): Seen[] {
  const found = new Map<string, Seen>();
  for (const one of seen) {
    const other = found.get(one.fingerprint);
    const first = other === undefined || one.startedMs < other.startedMs ? one : other;
    const isSent = one.isSent || other?.isSent === true;
    found.set(one.fingerprint, { ...first, isSent });
  }
  return [...found.values()];
}

function alertOf(entry: Entry) {
  return asSent(alertmanager, {
    version: '4',
    status: 'firing',
    receiver: '',
    groupKey: '',
    alerts: [asFiring(entry)],
  });
}
