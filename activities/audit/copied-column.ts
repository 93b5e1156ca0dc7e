/** One column of a line as COPY's text format writes it: what of it is hashed. Knows its types; everything else it leaves to others. */
import { canonicalText, isExact, quoted } from './leaf.js';

/** Undefined when it is not sure to say the same as `readLine` of the line's JSON. */
type Hashed = (field: string) => string | undefined;

export interface Column {
  readonly name: string;
  /** `"name":`, as it stands in the leaf. */
  readonly quoted: string;
  readonly hashed: Hashed;
}

/** Of a type that it does not know it is sure of no value. */
export function columnOf(name: string, type: string): Column {
  const hashed = isInstant(name, type) ? quotedInstant : (byType.get(type) ?? unsure);
  return { name, quoted: `${JSON.stringify(name)}:`, hashed };
}

function unsure(): undefined {
  return undefined;
}

const byType: ReadonlyMap<string, Hashed> = new Map([
  ['text', quoted],
  ['character varying', quoted],
  ['smallint', whole],
  ['integer', whole],
  ['bigint', whole],
  ['jsonb', canonicalJson],
]);

function isInstant(name: string, type: string): boolean {
  return type === 'timestamp with time zone' && (name === 'at' || name === 'recorded_at');
}

/** Digits that a double always has. */
const digitsMax = 15;

function whole(field: string): string | undefined {
  return field.length <= digitsMax ? field : undefined;
}

/** A JSON null inside the column is none that Belay writes. */
function canonicalJson(field: string): string | undefined {
  return field !== 'null' && isExact(field) ? canonicalText(JSON.parse(field)) : undefined;
}

function quotedInstant(field: string): string | undefined {
  const instant = instantIn(field);
  return instant === undefined ? undefined : `"${instant}"`;
}

const fractionAt = '2026-01-02 03:04:05'.length;
const zone = '+00';

/** `2026-01-02 03:04:05.12+00` as `2026-01-02T03:04:05.120000Z`; undefined for what has no such form, such as infinity. */
export function instantIn(field: string): string | undefined {
  const end = field.length - zone.length;
  const isPlain = end >= fractionAt && field[10] === ' ' && field.endsWith(zone);
  if (!isPlain || (end > fractionAt && field[fractionAt] !== '.')) return undefined;
  const fraction = field.slice(fractionAt + 1, end).padEnd(6, '0');
  return `${field.slice(0, 10)}T${field.slice(11, fractionAt)}.${fraction}Z`;
}
