/** Timestamps that senders sign: strict to read, and how old or how new one may be. Knows no clock. */
import { minutes, seconds } from '../../../workflows/domain/time.js';

/** To either side: clocks differ, and a retry is signed anew. */
export const windowMs = minutes(5);

/** Unix milliseconds of Unix seconds in plain digits; undefined for signs, fractions, exponents, spaces and the rest. */
export function unixSecondsMs(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,11}$/.test(text) ? seconds(Number(text)) : undefined;
}

/** The edges belong to the window. */
export function isInWindow(atMs: number, nowMs: number): boolean {
  return Math.abs(nowMs - atMs) <= windowMs;
}
