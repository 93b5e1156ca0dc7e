/** Durations and instants as numbers of milliseconds; knows no clock: whoever needs "now" is given it. */

export const seconds = (count: number): number => count * 1000;
export const minutes = (count: number): number => seconds(count * 60);
export const hours = (count: number): number => minutes(count * 60);

/** Unix milliseconds of an RFC 3339 instant, or undefined when the text is none. Sub-millisecond digits are cut off. */
export function instantMs(text: string): number | undefined {
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? undefined : parsed;
}

/** RFC 3339 text of Unix milliseconds, in UTC. */
export function instantText(atMs: number): string {
  return new Date(atMs).toISOString();
}

/** A duration for people: `1h 30m`, `45s`, `250ms`; at most two units, never negative. */
export function durationText(durationMs: number): string {
  const whole = Math.max(0, Math.round(durationMs));
  if (whole < 1000) return `${whole}ms`;
  const units: [string, number][] = [
    ['d', hours(24)],
    ['h', hours(1)],
    ['m', minutes(1)],
    ['s', seconds(1)],
  ];
  const parts: string[] = [];
  let rest = whole;
  for (const [unit, sizeMs] of units) {
    const count = Math.floor(rest / sizeMs);
    rest -= count * sizeMs;
    if (count > 0 && parts.length < 2) parts.push(`${count}${unit}`);
  }
  return parts.join(' ');
}
