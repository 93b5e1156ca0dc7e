/**
 * The list of alerts that Alertmanager's API gives, and Grafana's, which is the same one. Only what fires is in it, also what
 * is silenced or inhibited; `endsAt` lies ahead while an alert fires and says nothing. What it cannot read it does not guess.
 */
import { z } from 'zod';
import { fingerprintOf } from '../../../activities/senders/normal.js';
import { instantMs } from '../../../workflows/domain/time.js';
import { Unread } from './ask.js';
import type { Reading, Seen } from './source.js';
import type { Alert } from '../../../workflows/domain/alert.js';

const entryShape = z.looseObject({
  fingerprint: z.string().min(1).max(256),
  startsAt: z.string().catch(''),
  generatorURL: z.string().optional().catch(undefined),
  /** A state we do not know is not `active`, so nothing begins by it. */
  status: z
    .looseObject({ state: z.string(), mutedBy: z.array(z.unknown()).nullish().catch(null) })
    .catch({ state: 'unknown' }),
  receivers: z.array(z.looseObject({ name: z.string() })).catch([]),
  labels: z.record(z.string(), z.string()).catch({}),
  annotations: z.record(z.string(), z.string()).catch({}),
});

/** One alert of the list; what was not as documented is empty. */
export type Entry = z.infer<typeof entryShape>;

export interface Expected {
  /** Only alerts that are routed to it would have been sent to us. */
  readonly receiver: string;
  readonly alertOf: (entry: Entry) => Alert | null;
}

const entriesMax = 10_000;

/** For the question: everything that fires, whatever is done about it. */
export const everything = 'active=true&silenced=true&inhibited=true&unprocessed=true';

/** Throws an Unread when it is no list. */
export function readingOf(answer: unknown, expected: Expected): Reading {
  if (!Array.isArray(answer)) throw new Unread('its answer is no list of alerts');
  const read = answer.slice(0, entriesMax).map((entry) => entryShape.safeParse(entry));
  const entries = read.flatMap((checked) => (checked.success ? [checked.data] : []));
  return {
    firing: entries.map((entry) => seenOf(entry, expected)),
    partial: partialOf(answer.length, read.length - entries.length),
  };
}

function partialOf(given: number, unreadable: number): string | null {
  if (given > entriesMax) return `it lists ${given} alerts, of which ${entriesMax} were read`;
  return unreadable > 0 ? `${unreadable} of its alerts have no fingerprint` : null;
}

function seenOf(entry: Entry, { receiver, alertOf }: Expected): Seen {
  const { state, mutedBy } = entry.status;
  const isActive = state === 'active' && (mutedBy ?? []).length === 0;
  return {
    fingerprint: fingerprintOf(entry.fingerprint),
    startedMs: instantMs(entry.startsAt) ?? 0,
    isSent: isActive && entry.receivers.some(({ name }) => name === receiver),
    alert: () => alertOf(entry),
  };
}

/** What the webhooks say of one that fires. */
export function asFiring(entry: Entry): object {
  const { fingerprint, labels, annotations, startsAt, generatorURL = '' } = entry;
  const endsAt = '0001-01-01T00:00:00Z';
  return { status: 'firing', fingerprint, labels, annotations, startsAt, endsAt, generatorURL };
}
