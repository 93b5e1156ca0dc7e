/** How far back a command looks, as people write it: `90m`, `12h`, `30d`. Reads no clock. */
import { InvalidArgumentError, Option } from 'commander';
import { hours, minutes } from '../../workflows/domain/time.js';

const unitMs: Readonly<Record<string, number>> = { m: minutes(1), h: hours(1), d: hours(24) };

/** A year, and one day for leap years. */
export const sinceMaxMs = hours(366 * 24);

/** `--since <duration>` in milliseconds, with the default as a person would write it. */
export function sinceOption(usual: string): Option {
  return sinceFlag('how far to look back, such as 12h or 30d').default(sinceMsOf(usual), usual);
}

/** The same without a usual value: it may be left out. */
export function sinceFlag(says: string): Option {
  return new Option('--since <duration>', says).argParser(sinceMsOf);
}

/** For commander, which turns the error into wrong usage. */
function sinceMsOf(text: string): number {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const sinceMs = Number(count) * (unitMs[unit ?? ''] ?? NaN);
  if (sinceMs > 0 && sinceMs <= sinceMaxMs) return sinceMs;
  throw new InvalidArgumentError('give minutes, hours or days, such as 90m, 12h or 30d');
}
