/** A month that left the database with its lines exported: what the ledger says of it. Reads and makes the line's content only. */
import { hours } from '../../workflows/domain/time.js';
import type { Span } from './merkle.js';

export interface Retirement {
  /** Such as `2026-08`. */
  readonly month: string;
  /** Leaves whose lines went. */
  readonly leaves: readonly Span[];
  /** SHA-256 of the exported entries, hex. */
  readonly digest: string;
  /** True when the month was over for 90 days. */
  readonly wasDue: boolean;
}

/** How long a line stays in the database at least, after its month. */
export const retainedMs = hours(24 * 90);

/** Unix milliseconds of the first moment after a month such as `2026-08`; NaN when it is none. */
export function endOfMonthMs(month: string): number {
  const [, year = 'x', number = 'x'] = /^(\d{4})-(\d{2})$/.exec(month) ?? [];
  return Date.UTC(Number(year), Number(number), 1);
}

/** Undefined when the canonical line tells of none. Throws nothing. */
export function retirementOf(leaf: string): Retirement | undefined {
  const line = JSON.parse(leaf) as { recorded_at?: string; detail?: { retired?: unknown } };
  const retired = line.detail?.retired;
  if (typeof retired !== 'object' || retired === null) return undefined;
  const { month, leaves, digest } = retired as {
    month?: unknown;
    leaves?: unknown;
    digest?: unknown;
  };
  if (typeof month !== 'string' || typeof digest !== 'string' || !Array.isArray(leaves))
    return undefined;
  const spans = leaves.filter(isPair).map(([from, to]) => ({ from, to }));
  const wasDue = Date.parse(line.recorded_at ?? '') >= endOfMonthMs(month) + retainedMs;
  return { month, leaves: spans, digest, wasDue };
}

function isPair(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isSafeInteger);
}
