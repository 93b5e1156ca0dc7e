/**
 * What of a ledger line is hashed: every column that is not null, as one RFC 8785 canonical JSON object. Reads rows as
 * PostgreSQL's own JSON text, so that nothing is lost on the way; an edit that no double can show is made visible.
 */
import { sql, type RawBuilder } from 'kysely';
import { leafHash, type Hash } from './merkle.js';

/** A line as it is verified. */
export interface LedgerLine {
  readonly seq: number;
  readonly id: string;
  readonly run: string | undefined;
  readonly kind: string;
  readonly says: string;
  /** Of the database's clock, Unix milliseconds; NaN when it cannot be one. */
  readonly recordedAtMs: number;
  /** The bytes that are hashed, as text. */
  readonly leaf: string;
  readonly hash: Hash;
}

/**
 * One line as JSON text, for a `SELECT` from `ledger AS line`; the session's time zone must be UTC. A JSON null inside a jsonb column
 * is none that Belay writes: it is told apart from an absent value.
 */
export const lineJson: RawBuilder<string> = sql<string>`
  row_to_json(line)::text || CASE WHEN 'null'::jsonb IN (line.expected, line.actual, line.before_state, line.after_state, line.detail)
    THEN ' ' ELSE '' END`;

type Row = Readonly<Record<string, unknown>>;

/** Never throws for a line that was tampered with: it only gets another hash. */
export function readLine(json: string): LedgerLine {
  const row = JSON.parse(json) as Row;
  const leaf = leafOf(row, json);
  const recordedAt = row['recorded_at'];
  return {
    seq: Number(row['seq']),
    id: textOf(row['id']),
    run: typeof row['run'] === 'string' ? row['run'] : undefined,
    kind: textOf(row['kind']),
    says: textOf(row['says']),
    recordedAtMs: typeof recordedAt === 'string' ? Date.parse(recordedAt) : Number.NaN,
    leaf,
    hash: leafHash(leaf),
  };
}

function leafOf(row: Row, json: string): string {
  const leaf = canonicalRow(row);
  if (json.endsWith(' ')) return `${leaf} with a JSON null`;
  return isExact(json) ? leaf : `${leaf} with other digits: ${json}`;
}

interface Named {
  readonly name: string;
  readonly quoted: string;
}

/** A row has the same names as the one before it: they are quoted and put in order once. */
let lastNames: readonly string[] = [];
let lastOrder: readonly Named[] = [];

function orderOf(names: readonly string[]): readonly Named[] {
  const isLast =
    names.length === lastNames.length && names.every((name, at) => name === lastNames[at]);
  if (isLast) return lastOrder;
  lastNames = names;
  lastOrder = names.toSorted().map((name) => ({ name, quoted: `${JSON.stringify(name)}:` }));
  return lastOrder;
}

function canonicalRow(row: Row): string {
  let text = '';
  for (const { name, quoted } of orderOf(Object.keys(row))) {
    const value = row[name];
    if (value === null) continue;
    text += (text === '' ? '' : ',') + quoted + valueText(name, value);
  }
  return `{${text}}`;
}

function valueText(name: string, value: unknown): string {
  if ((name === 'at' || name === 'recorded_at') && typeof value === 'string')
    return JSON.stringify(instantOf(value));
  return canonicalText(value);
}

/** PostgreSQL leaves zeros at the end of a fraction out; here there are always six digits, and a Z. */
function instantOf(text: string): string {
  const [, whole, fraction = ''] = /^(.{19})(?:\.(\d{1,6}))?\+00:00$/.exec(text) ?? [];
  return whole === undefined ? text : `${whole}.${fraction.padEnd(6, '0')}Z`;
}

/** What JSON.stringify writes otherwise than as it is. */
const special = /["\\\u0000-\u001f\ud800-\udfff]/;

/** The text as JSON.stringify writes it. */
export function quoted(text: string): string {
  return special.test(text) ? JSON.stringify(text) : `"${text}"`;
}

/** RFC 8785 of what JSON.parse gave; the same text as the package of that name, several times as fast. */
export function canonicalText(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  let text = '';
  if (Array.isArray(value)) {
    for (const item of value) text += (text === '' ? '' : ',') + canonicalText(item);
    return `[${text}]`;
  }
  for (const name of Object.keys(value).sort())
    text += `${text === '' ? '' : ','}${quoted(name)}:${canonicalText((value as Row)[name])}`;
  return `{${text}}`;
}

/**
 * Only a number of so many digits, or with a zero at the end of its fraction, can lose something in a double. Strings may look the
 * same and are then looked at for nothing.
 */
const longNumber = /(?:^|[:[,] ?)-?(?:\d[\d.]{15}|\d+\.\d*0(?:[,\]}]|$)|\d+(?:\.\d+)?[eE])/;
const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** True when a double loses nothing of any number in the JSON text. */
export function isExact(json: string): boolean {
  return !longNumber.test(json) || areExact(json);
}

/** True when every number outside strings is just what its double says. */
function areExact(json: string): boolean {
  for (const [token] of json.matchAll(stringOrNumber)) {
    if (!token.startsWith('"') && token !== plainText(Number(token))) return false;
  }
  return true;
}

/** As PostgreSQL's jsonb prints what JSON.stringify wrote: without exponent, with the digits of the double. */
function plainText(value: number): string {
  const text = JSON.stringify(value);
  const [, sign = '', whole = '', fraction = '', exponent] =
    /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? [];
  if (exponent === undefined) return text;
  const shift = Number(exponent);
  const digits = whole + fraction;
  if (shift < 0) return `${sign}0.${'0'.repeat(-shift - 1)}${digits}`;
  return `${sign}${digits.padEnd(shift + 1, '0')}`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
