/** Offsets from a story's beginning as text such as `5m`, `90s` or `1h 30m`; knows no clock. */
import { hours, minutes, seconds } from '../../../workflows/domain/time.js';

/** Milliseconds, or text such as `5m`, `2m 30s`. */
export type Offset = number | string;

const unitMs: Readonly<Record<string, number>> = { h: hours(1), m: minutes(1), s: seconds(1) };
/** Transcripts are cut to this, so that the few milliseconds a real server takes do not show. */
const grainMs = seconds(5);

/** Throws a RangeError for text that is no offset. */
export function offsetMs(offset: Offset): number {
  if (typeof offset === 'number') return offset;
  return offset.split(' ').reduce((sum, part) => {
    const [, count, unit] = /^(\d+)([hms])$/.exec(part) ?? [];
    const sizeMs = unitMs[unit ?? ''];
    if (sizeMs === undefined) throw new RangeError(`"${offset}" is no offset; write 5m or 2m 30s`);
    return sum + Number(count) * sizeMs;
  }, 0);
}

/** `+5m00s`, rounded down to five seconds; `-20m00s` for what was before the story began. */
export function offsetText(sinceStartMs: number): string {
  const sign = sinceStartMs < 0 ? '-' : '+';
  const wholeS = (Math.floor(Math.abs(sinceStartMs) / grainMs) * grainMs) / 1000;
  const secondsText = String(wholeS % 60).padStart(2, '0');
  return `${sign}${Math.floor(wholeS / 60)}m${secondsText}s`;
}
