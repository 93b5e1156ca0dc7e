/** Durations as people write them in a policy file, such as `90s`, `5m` or `1h`; reads them, and formats nothing. */

const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const pattern = /^(\d{1,6})(ms|s|m|h)$/;

/** Milliseconds, or undefined when the text is no duration. */
export function durationMs(text: string): number | undefined {
  const [, count, unit] = pattern.exec(text) ?? [];
  if (count === undefined || unit === undefined) return undefined;
  return Number(count) * unitMs[unit as keyof typeof unitMs];
}
