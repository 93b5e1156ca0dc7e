/**
 * Any JSON, read the way an engineer declared in mappings.ts. An episode is what the mapping names: its fingerprint's
 * parts + startsAt. The first mapping whose `when` fits takes the body; without one, it is kept unparsed.
 */
import { z } from 'zod';
import { mappings } from './mappings.js';
import type { Mapping } from './mapping.js';
import { bodyOf } from './normal.js';
import { readBody, takes } from './read-mapping.js';
import type { Parsed, Sender } from './sender.js';

export { defineMapping } from './mapping.js';
export type { Mapping } from './mapping.js';

const source = 'generic';

/** The sender with these mappings, asked in their order. */
export function genericOf(declared: readonly Mapping[]): Sender {
  return { source, parse: (raw) => parse(raw, declared) };
}

/** The mappings of mappings.ts. */
export const generic: Sender = genericOf(mappings);

function parse(raw: Buffer | string, declared: readonly Mapping[]): Parsed {
  const body = bodyOf(raw, z.unknown(), () => 'send JSON');
  if (!body.ok) return body.wrong;
  const mapping = declared.find((one) => takes(one, body.data));
  if (mapping !== undefined) return readBody(mapping, body.data, source);
  return { kind: 'unparsed', why: 'no mapping of activities/senders/mappings.ts takes it' };
}
