/** What the formats have in common once their JSON is read: bounds, texts that can be stored, problems with a place. Knows no format. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Alert, AlertStatus } from '../../workflows/domain/alert.js';
import { instantMs } from '../../workflows/domain/time.js';
import { decodeJson } from './json.js';
import type { Parsed, Problem } from './sender.js';

/** Far above what monitors send, far below what would hurt a run's input (2 MiB at Temporal). */
export const bounds = {
  labelsMax: 64,
  labelLengthMax: 2_048,
  annotationsMax: 64,
  /** Longer annotations are cut, not refused: they are prose for people. */
  annotationLengthMax: 4_000,
  problemsMax: 20,
} as const;

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** Zero times, year 1 as well as 1970, are none. */
export const instant = z
  .string()
  .refine((text) => rfc3339.test(text) && (instantMs(text) ?? 0) > 0, {
    error: 'is no RFC 3339 instant after 1970',
  });

/** The first of these that is there and not empty. */
export function firstOf(
  texts: Readonly<Record<string, string>>,
  ...names: readonly string[]
): string | undefined {
  return names.map((name) => texts[name]).find((value) => value !== undefined && value !== '');
}

/**
 * NUL and lone surrogates become U+FFFD: PostgreSQL's jsonb takes neither, and one such character in one
 * annotation must not cost the whole group.
 */
export function clean(text: string): string {
  return isClean(text) ? text : text.replace(/\0|\p{Surrogate}/gu, '\ufffd');
}

/** Nearly every text is, and looking costs a tenth of replacing. */
function isClean(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}

/** Names and values cleaned, values cut to `lengthMax` UTF-16 units; the same object when there is nothing to do. */
export function cleaned(
  texts: Readonly<Record<string, string>>,
  lengthMax: number,
): Readonly<Record<string, string>> {
  const entries = Object.entries(texts);
  const fits = ([name, text]: readonly [string, string]): boolean => {
    return text.length <= lengthMax && isClean(name) && isClean(text);
  };
  if (entries.every(fits)) return texts;
  return Object.fromEntries(
    entries.map(([name, text]) => [clean(name), clean(text.slice(0, lengthMax))] as const),
  );
}

/** Only web links: it is shown to people who click it. Cleaned after it was cut, which may have halved a pair. */
export function linkOf(url: string): string | null {
  return /^https?:\/\/\S+$/i.test(url) ? clean(url.slice(0, bounds.labelLengthMax)) : null;
}

/** At most 20; `fixOf` says what the person who set the sender up can change about the value at a path. */
export function problemsOf(error: z.ZodError, fixOf: (path: string) => string): Problem[] {
  return error.issues.slice(0, bounds.problemsMax).map((issue) => {
    const path = pathText(issue.path);
    return { path, problem: issue.message, fix: fixOf(path) };
  });
}

function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += `${text === '' ? '' : '.'}${String(part).slice(0, 80)}`;
  }
  return text;
}

/** Unix milliseconds from 2001 to 2100: seconds and nanoseconds are outside, so they are never taken for them. */
export const epochMs = z
  .number('is no number')
  .refine((at) => Number.isInteger(at) && at >= 1e12 && at < 4_102_444_800_000, {
    error: 'is no Unix time in milliseconds after 2001',
  });

/** Names with texts, at most so many and so long: looked at where they are and not copied, since every body is full of them. */
export function texts({ countMax, lengthMax }: TextBounds) {
  return z
    .custom<Readonly<Record<string, string>>>(isBag, 'is no object')
    .superRefine((all, { addIssue }) => {
      const entries = Object.entries<unknown>(all);
      if (entries.length > countMax) addIssue(`has more than ${countMax} names`);
      for (const [name, text] of entries) {
        if (typeof text !== 'string')
          addIssue({ code: 'custom', path: [name], message: 'is no text' });
        else if (text.length > lengthMax) {
          const message = `is longer than ${lengthMax} characters`;
          addIssue({ code: 'custom', path: [name], message });
        }
      }
    });
}

interface TextBounds {
  readonly countMax: number;
  /** UTF-16 units. */
  readonly lengthMax: number;
}

function isBag(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A text the alert can do without: one that is missing or no text is empty, and costs nothing else. */
export const word = z.string().catch('');

/** Texts the alert can do without. */
export const words = z.array(word).catch([]);

/** Names and values the alert can do without; what is in it is unknown until `alertOf` has read it. */
export const bag = z.record(z.string(), z.unknown()).catch({});

export type Shaped<T> =
  { readonly ok: true; readonly data: T } | { readonly ok: false; readonly wrong: Parsed };

/** The value in this shape, or every problem in it. Never throws. */
export function shaped<T>(
  value: unknown,
  shape: z.ZodType<T>,
  fixOf: (path: string) => string,
): Shaped<T> {
  const checked = shape.safeParse(value);
  if (checked.success) return { ok: true, data: checked.data };
  return { ok: false, wrong: { kind: 'wrong', problems: problemsOf(checked.error, fixOf) } };
}

/** The same for a body as it came. */
export function bodyOf<T>(
  raw: Buffer | string,
  shape: z.ZodType<T>,
  fixOf: (path: string) => string,
): Shaped<T> {
  const decoded = decodeJson(raw);
  if (decoded.ok) return shaped(decoded.value, shape, fixOf);
  return { ok: false, wrong: { kind: 'wrong', problems: [decoded.problem] } };
}

/** A sender's own id as a fingerprint: unchanged when it may be part of a run id, else the start of its SHA-256. */
export function fingerprintOf(id: string): string {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(id)) return id;
  return createHash('sha256').update(id).digest('hex').slice(0, 32);
}

/** Texts such as `env:production` as names and values; one without a colon has the value `true`. */
export function tagged(tags: readonly string[]): Record<string, string> {
  const pairs = tags.slice(0, bounds.labelsMax).map((tag) => {
    const [, name, value] = /^\s*([^:]+):(.*)$/s.exec(tag) ?? [];
    return name === undefined ? [tag.trim(), 'true'] : [name.trim(), (value ?? '').trim()];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}

/** The text of this name, when it is there, one, and not empty. */
export function textIn(
  values: Readonly<Record<string, unknown>>,
  name: string,
): string | undefined {
  const value = values[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A sender's word inside a sentence for people: short, and without anything that breaks a line. */
export function quoted(text: string): string {
  return JSON.stringify(clean(text).slice(0, 80));
}

/** What a format found in a body, as the sender wrote it. */
export interface Told {
  readonly source: string;
  /** What the sender calls the alert or the episode. */
  readonly id: string;
  readonly name: string;
  readonly status: AlertStatus;
  readonly severity: string;
  readonly startsAt: string;
  /** Not looked at while the alert fires. */
  readonly endsAt: string;
  readonly service: string | undefined;
  readonly environment: string | undefined;
  /** The first 64 texts, numbers and booleans become labels; whatever else is in it is left out. */
  readonly labels: Readonly<Record<string, unknown>>;
  readonly annotations: Readonly<Record<string, unknown>>;
  readonly link: string;
}

/** The alert: every text cleaned and cut, the id made a fingerprint, what is missing named `unknown`. */
export function alertOf(told: Told): Alert {
  const text = (value: string): string => clean(value.trim().slice(0, bounds.labelLengthMax));
  return {
    source: told.source,
    fingerprint: fingerprintOf(told.id),
    name: text(told.name) || 'unnamed',
    status: told.status,
    severity: text(told.severity).toLowerCase() || 'unknown',
    startsAt: told.startsAt,
    endsAt: told.status === 'firing' ? null : told.endsAt,
    service: text(told.service ?? '') || 'unknown',
    environment: text(told.environment ?? ''),
    labels: cleaned(textsOf(told.labels, bounds.labelsMax), bounds.labelLengthMax),
    annotations: cleaned(
      textsOf(told.annotations, bounds.annotationsMax),
      bounds.annotationLengthMax,
    ),
    link: linkOf(told.link),
  };
}

function textsOf(
  values: Readonly<Record<string, unknown>>,
  countMax: number,
): Record<string, string> {
  const scalars = Object.entries(values).flatMap(([name, value]) => {
    const isScalar = ['string', 'number', 'boolean'].includes(typeof value);
    return isScalar && name !== '' && value !== '' ? [[name, String(value)] as const] : [];
  });
  return Object.fromEntries(scalars.slice(0, countMax));
}

/**
 * The times of a resolution by a sender that does not say when the episode began: its length is zero. Whoever looks for
 * the run it ends takes the open episode of the same source and fingerprint; one that really was so short is found, too.
 */
export function endedAt(at: string): Pick<Told, 'startsAt' | 'endsAt'> {
  return { startsAt: at, endsAt: at };
}

/** True for what `endedAt` made: only the end is known. */
export function startUnknown({ status, startsAt, endsAt }: Alert): boolean {
  return status === 'resolved' && startsAt === endsAt;
}
