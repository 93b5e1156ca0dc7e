/** Reads one body the way a mapping says; never throws and follows own properties only: bodies are hostile. */
import type { AlertStatus } from '../../workflows/domain/alert.js';
import { instantText } from '../../workflows/domain/time.js';
import type { AlertFrom, Mapping, TextFrom, TimeFrom, WordFrom } from './mapping.js';
import { alertOf, bounds, clean, instant, quoted, type Told } from './normal.js';
import type { Parsed, Problem } from './sender.js';

/** True when this mapping is the one for the body. */
export function takes({ when }: Mapping, body: unknown): boolean {
  const found = textAt(body, when.at);
  return found !== undefined && when.is.includes(found);
}

/** What the body says; `source` is the sender's. Problems name the path in the body that the mapping reads. */
export function readBody(mapping: Mapping, body: unknown, source: string): Parsed {
  const reader = readerOf(mapping, body);
  const { at, values } = mapping.alert.status;
  const state = reader.text('status', { at });
  if (reader.problems.length > 0) return { kind: 'wrong', problems: reader.problems };
  const status = Object.hasOwn(values, state) ? values[state] : undefined;
  const says = `${mapping.name}: ${at} is ${quoted(state)}`;
  if (status === undefined) return { kind: 'unparsed', why: `${says}, which is in no table` };
  if (status === 'nothing') return { kind: 'nothing', why: says };
  const told = readAlert(reader, mapping.alert, status);
  if (reader.problems.length > 0)
    return { kind: 'wrong', problems: reader.problems.slice(0, bounds.problemsMax) };
  const id = JSON.stringify([mapping.name, told.id]);
  return { kind: 'alerts', alerts: [alertOf({ ...told, source, id })], truncated: 0 };
}

/** What stands in one body; what the alert cannot do without and is not there becomes a problem, and an empty text. */
interface Reader {
  readonly problems: Problem[];
  text(field: string, from: TextFrom<string>): string;
  time(field: string, from: TimeFrom<string>): string;
  /** Empty when it is not there. */
  optional(from: TextFrom<string> | undefined): string;
  word(from: TextFrom<string> | WordFrom<string, string> | undefined): string;
}

function readerOf(mapping: Mapping, body: unknown): Reader {
  const problems: Problem[] = [];
  const missing = (field: string, path: string, problem: string): string => {
    problems.push({ path, problem, fix: fixOf(mapping, field) });
    return '';
  };
  return {
    problems,
    text(field, from) {
      const found = optionalAt(body, from);
      const at = 'at' in from ? from.at : '';
      return /\S/.test(found) ? found : missing(field, at, 'is missing or no text');
    },
    time(field, from) {
      return timeAt(body, from) ?? missing(field, from.at, whatTime(from));
    },
    optional: (from) => (from === undefined ? '' : optionalAt(body, from)),
    word(from) {
      if (from === undefined) return '';
      if (!('values' in from)) return optionalAt(body, from);
      const found = textAt(body, from.at) ?? '';
      return Object.hasOwn(from.values, found) ? (from.values[found] ?? '') : '';
    },
  };
}

function readAlert(
  reader: Reader,
  from: AlertFrom<string>,
  status: AlertStatus,
): Omit<Told, 'source'> {
  return {
    id: JSON.stringify(from.fingerprint.map((at) => reader.text('fingerprint', { at }))),
    name: reader.text('name', from.name),
    status,
    severity: reader.word(from.severity),
    startsAt: reader.time('startsAt', from.startsAt),
    endsAt: status === 'firing' ? '' : reader.time('endsAt', from.endsAt),
    service: reader.optional(from.service),
    environment: reader.optional(from.environment),
    labels: allOf(reader, from.labels),
    annotations: allOf(reader, from.annotations),
    link: clean(reader.optional(from.link).slice(0, bounds.labelLengthMax)),
  };
}

function allOf(
  reader: Reader,
  from: Readonly<Record<string, TextFrom<string>>> = {},
): Record<string, string> {
  const entries = Object.entries(from).map(
    ([name, text]) => [name, reader.optional(text)] as const,
  );
  return Object.fromEntries(entries);
}

function optionalAt(body: unknown, from: TextFrom<string>): string {
  if ('constant' in from) return from.constant;
  return textAt(body, from.at) ?? from.or ?? '';
}

/** RFC 3339, or undefined when what stands there is no instant after 1970. */
function timeAt(body: unknown, { at, as }: TimeFrom<string>): string | undefined {
  const found = textAt(body, at) ?? '';
  const text = as === undefined ? found : instantOf(Number(found), as);
  return instant.safeParse(text).success ? text : undefined;
}

/** Milliseconds up to the year 2100, so that seconds taken for them, and they for seconds, are found out. */
function instantOf(count: number, as: 'unix-seconds' | 'unix-milliseconds'): string {
  const atMs = as === 'unix-seconds' ? count * 1000 : count;
  return atMs >= 1e12 && atMs < 4_102_444_800_000 ? instantText(atMs) : '';
}

function whatTime({ as }: TimeFrom<string>): string {
  if (as === undefined) return 'is no RFC 3339 instant after 1970';
  return `is no Unix time in ${as === 'unix-seconds' ? 'seconds' : 'milliseconds'} after 2001`;
}

/** What stands at a path, when it is a text, a number or a boolean. */
function textAt(body: unknown, path: string): string | undefined {
  let found = body;
  for (const name of path.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name))
      return undefined;
    found = (found as Readonly<Record<string, unknown>>)[name];
  }
  const isText =
    typeof found === 'string' || typeof found === 'number' || typeof found === 'boolean';
  return isText ? String(found) : undefined;
}

function fixOf({ name }: Mapping, field: string): string {
  return `send it, or let mapping ${name} read ${field} from elsewhere (activities/senders/mappings.ts)`;
}
