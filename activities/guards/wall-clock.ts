/** From what a clock on a wall shows, in a named time zone, to an instant; by the time zones the runtime knows. */

/** Year to second, as they would be in UTC: Unix milliseconds of the same figures. */
export type WallMs = number;

const formats = new Map<string, Intl.DateTimeFormat | undefined>();

/** True for a name such as Europe/Berlin. */
export function isKnownZone(zone: string): boolean {
  return formatFor(zone) !== undefined;
}

/** Unix milliseconds. In the hour that a change of clocks skips it is the time after it; in the one it repeats, the first. */
export function instantOf(wallMs: WallMs, zone: string): number {
  const before = wallMs - offsetMsAt(wallMs - dayMs, zone);
  if (before + offsetMsAt(before, zone) === wallMs) return before;
  const after = wallMs - offsetMsAt(wallMs + dayMs, zone);
  if (after + offsetMsAt(after, zone) === wallMs) return after;
  return before;
}

const dayMs = 86_400_000;

function offsetMsAt(atMs: number, zone: string): number {
  const format = formatFor(zone);
  if (format === undefined) throw new RangeError(`there is no time zone ${zone}`);
  const parts = format.formatToParts(atMs);
  const of = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((part) => part.type === type)?.value ?? '0');
  const wallMs = Date.UTC(
    of('year'),
    of('month') - 1,
    of('day'),
    of('hour'),
    of('minute'),
    of('second'),
  );
  return wallMs - Math.floor(atMs / 1000) * 1000;
}

function formatFor(zone: string): Intl.DateTimeFormat | undefined {
  if (!formats.has(zone)) formats.set(zone, makeFormat(zone));
  return formats.get(zone);
}

function makeFormat(timeZone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en-u-ca-iso8601', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
}
