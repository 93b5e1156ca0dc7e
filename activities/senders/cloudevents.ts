/**
 * CloudEvents 1.0 over HTTP around Belay's own alert: structured, batched, or binary with its attributes in `ce-`
 * headers. A delivery is named by `source` + `id`; a second one with them carries the same episode and changes nothing.
 * A batch is taken whole or not at all: one event of another type makes the whole of it unparsed.
 */
import { z } from 'zod';
import type { Alert } from '../../workflows/domain/alert.js';
import { decodeJson } from './json.js';
import { bodyOf, bounds, shaped } from './normal.js';
import { readOwn, statusOf, unknownType, type Read } from './own-alert.js';
import type { Headers, Parsed, Problem, Sender } from './sender.js';

const source = 'cloudevents';

const attribute = z.string().min(1).max(bounds.labelLengthMax);

const envelope = z.looseObject({
  specversion: z.literal('1.0'),
  id: attribute,
  source: attribute,
  type: attribute,
  data: z.unknown().optional(),
  data_base64: z.string().optional(),
});

type Envelope = z.infer<typeof envelope>;

/** An event and where it was found, which begins the path of every problem in it. */
interface Found {
  readonly event: Envelope;
  readonly place: string;
}

/** Its types dev.belay.alert.firing and dev.belay.alert.resolved; every other type is kept unparsed. */
export const cloudevents: Sender = {
  source,
  mediaTypes: [
    'application/cloudevents+json',
    'application/cloudevents-batch+json',
    'application/json',
  ],
  parse,
};

function parse(raw: Buffer | string, headers: Headers = {}): Parsed {
  if (isBinary(headers)) return parseBinary(raw, headers);
  const body = bodyOf(raw, z.unknown(), fixOf);
  if (!body.ok) return body.wrong;
  if (Array.isArray(body.data)) return parseBatch(body.data);
  const one = shaped(body.data, envelope, fixOf);
  return one.ok ? answer([{ event: one.data, place: '' }]) : one.wrong;
}

/** The media type decides; without one of CloudEvents' own, its headers do. */
function isBinary(headers: Headers): boolean {
  if (/^\s*application\/cloudevents/i.test(headers['content-type'] ?? '')) return false;
  return Object.keys(headers).some((name) => name.startsWith('ce-'));
}

function parseBatch(values: readonly unknown[]): Parsed {
  if (values.length === 0) return { kind: 'nothing', why: 'the batch is empty' };
  const batch = shaped(values, z.array(envelope), fixOf);
  if (!batch.ok) return batch.wrong;
  return answer(batch.data.map((event, index) => ({ event, place: `[${index}].` })));
}

/** The body is read only when the type is ours: what another type carries need not be JSON. */
function parseBinary(raw: Buffer | string, headers: Headers): Parsed {
  const head = shaped(attributesOf(headers), envelope, fixOf);
  if (!head.ok) return inHeaders(head.wrong);
  const isOurs = statusOf(head.data.type) !== undefined;
  const body = isOurs ? decodeJson(raw) : ({ ok: true, value: null } as const);
  if (!body.ok) return { kind: 'wrong', problems: [body.problem] };
  return answer([{ event: { ...head.data, data: body.value }, place: '' }]);
}

/** No attribute can stand for the data, which is the body. */
function attributesOf(headers: Headers): Record<string, string> {
  const own = Object.entries(headers).flatMap(([name, value]) => {
    const isAttribute = /^ce-(?!data)/.test(name) && value !== undefined;
    return isAttribute ? [[name.slice(3), decoded(value)] as const] : [];
  });
  return Object.fromEntries(own);
}

/** Attributes are percent-encoded in headers; what is no such encoding is meant as it stands. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function inHeaders(parsed: Parsed): Parsed {
  if (parsed.kind !== 'wrong') return parsed;
  const problems = parsed.problems.map((one) => ({ ...one, path: `ce-${one.path}` }));
  return { kind: 'wrong', problems };
}

function answer(all: readonly Found[]): Parsed {
  const strange = all.find(({ event }) => statusOf(event.type) === undefined);
  if (strange !== undefined)
    return { kind: 'unparsed', why: `${strange.place}${unknownType(strange.event.type)}` };
  const alerts: Alert[] = [];
  const problems: Problem[] = [];
  for (const found of all) {
    const read = readEvent(found);
    if (read.alert === undefined) problems.push(...read.problems);
    else alerts.push(read.alert);
  }
  if (problems.length > 0)
    return { kind: 'wrong', problems: problems.slice(0, bounds.problemsMax) };
  return { kind: 'alerts', alerts, truncated: 0 };
}

function readEvent({ event, place }: Found): Read {
  const data = dataOf(event);
  if (data === undefined) return { problems: [unreadable(place)] };
  const read = readOwn(data.value, { source, status: statusOf(event.type) ?? 'firing' });
  if (read.alert !== undefined) return read;
  return { problems: read.problems.map((one) => ({ ...one, path: within(place, one.path) })) };
}

function within(place: string, path: string): string {
  return path === '' ? `${place}data` : `${place}data.${path}`;
}

/** Undefined when `data_base64` is there and holds no JSON. */
function dataOf(event: Envelope): { readonly value: unknown } | undefined {
  if (event.data_base64 === undefined) return { value: event.data };
  const inner = decodeJson(Buffer.from(event.data_base64, 'base64'));
  return inner.ok ? { value: inner.value } : undefined;
}

function unreadable(place: string): Problem {
  const fix = 'send the alert as JSON in data';
  return { path: `${place}data_base64`, problem: 'holds no JSON', fix };
}

function fixOf(path: string): string {
  if (path.endsWith('specversion')) return 'send CloudEvents 1.0: specversion is "1.0"';
  return 'send the required attributes of CloudEvents 1.0: specversion, id, source, type';
}
