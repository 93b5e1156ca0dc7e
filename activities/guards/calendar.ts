/**
 * A calendar of times at which nothing is changed, in iCalendar format: which of its events hold at a moment.
 * RRULE, EXDATE, RDATE and single moved occurrences are followed, each in its own time zone. Reads no file.
 */
import ICAL from 'ical.js';
import { messageOf } from '../../workflows/domain/failure.js';
import { hours } from '../../workflows/domain/time.js';
import { readParts, type Part } from './ical-lines.js';
import { instantOf, isKnownZone } from './wall-clock.js';
import { GuardFileError } from './yaml.js';

/** A time in which an event of the calendar holds, the end excluded; Unix milliseconds. */
export interface FrozenTime {
  readonly kind: 'freeze' | 'no-automation';
  readonly says: string;
  /** `service:shop`, `environment:prod`, ...; `everything` where the event names none. */
  readonly scopes: readonly string[];
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface Calendar {
  /** Everything that holds at this moment. Throws a GuardFileError for an event that recurs beyond counting. */
  at(nowMs: number): readonly FrozenTime[];
}

/** Occurrences of one event that are counted through: every day since 1970. */
const occurrencesMax = 20_000;
/** Events are spread out for so long at once. */
const spreadMs = hours(1);
const saysMax = 200;

/** Throws a GuardFileError with file and line. Times without a zone are of `timeZone`. */
export function parseCalendar(
  text: string,
  name: string,
  { timeZone }: { readonly timeZone: string },
): Calendar {
  const whole = readParts(text, name);
  const zones = new Map(
    whole.parts
      .filter((part) => part.name === 'vtimezone')
      .map(({ component }) => new ICAL.Timezone({ component }))
      .map((zone) => [zone.tzid, zone] as const),
  );
  const wrong = (line: number, message: string): GuardFileError =>
    new GuardFileError(`${name}:${line}: ${message}`);
  const reading: Reading = { zones, timeZone, wrong };
  const parts = whole.parts.filter((part) => part.name === 'vevent');
  const events = parts.filter(isHeld).map((part) => eventOf(part, parts, reading));
  let spread: { readonly fromMs: number; readonly times: readonly FrozenTime[] } | undefined;
  const at = (nowMs: number): readonly FrozenTime[] => {
    const fromMs = Math.floor(nowMs / spreadMs) * spreadMs;
    if (spread?.fromMs !== fromMs) {
      spread = {
        fromMs,
        times: events.flatMap((event) => event.between(fromMs, fromMs + spreadMs)),
      };
    }
    return spread.times.filter((time) => time.fromMs <= nowMs && nowMs < time.untilMs);
  };
  at(Date.now()); // an event that cannot be spread out is an error of the file, not of the run that asks
  return { at };
}

interface Reading {
  readonly zones: ReadonlyMap<string, ICAL.Timezone>;
  readonly timeZone: string;
  wrong(line: number, message: string): GuardFileError;
}

interface CalendarEvent {
  between(fromMs: number, untilMs: number): FrozenTime[];
}

function isHeld({ component }: Part): boolean {
  return textOf(component, 'status').toUpperCase() !== 'CANCELLED';
}

function eventOf(part: Part, all: readonly Part[], reading: Reading): CalendarEvent {
  const { component, lines, line } = part;
  requireTimes(part, reading);
  const event = new ICAL.Event(component);
  const says = (event.summary ?? '').slice(0, saysMax) || 'a time without a name';
  const named = { ...meaningOf(part, reading), says };
  const instant = (time: ICAL.Time): number => instantIn(time, part, reading);
  const lasting = (from: ICAL.Time, until: ICAL.Time): FrozenTime => {
    return { ...named, fromMs: instant(from), untilMs: instant(until) };
  };
  const once = lasting(event.startDate, event.endDate);
  if (!(once.untilMs > once.fromMs))
    throw reading.wrong(
      lines.get('dtend') ?? line,
      'the event ends before it has begun: mend DTEND or DURATION',
    );
  if (!event.isRecurring()) {
    return { between: (fromMs, untilMs) => [once].filter(overlaps(fromMs, untilMs)) };
  }
  const moved = movedOf(part, all);
  const between = (fromMs: number, untilMs: number): FrozenTime[] => {
    const found: FrozenTime[] = [];
    const occurrences = event.iterator();
    for (let count = 0; count < occurrencesMax; count += 1) {
      const next = occurrences.next() as ICAL.Time | null;
      if (next === null) return found;
      const { startDate, endDate } = event.getOccurrenceDetails(next);
      const time = lasting(startDate, endDate);
      if (time.fromMs >= untilMs) return found;
      if (overlaps(fromMs, untilMs)(time) && !moved.has(next.toString())) found.push(time);
    }
    const why = `recurs more than ${occurrencesMax} times before now: begin it later`;
    throw reading.wrong(lines.get('rrule') ?? line, why);
  };
  return { between };
}

function overlaps(fromMs: number, untilMs: number): (time: FrozenTime) => boolean {
  return (time) => time.fromMs < untilMs && time.untilMs > fromMs;
}

/** Occurrences of a series that stand elsewhere, as events of their own. */
function movedOf({ component }: Part, all: readonly Part[]): Set<string> {
  const uid = textOf(component, 'uid');
  const others = all.filter((other) => uid !== '' && textOf(other.component, 'uid') === uid);
  return new Set(
    others.flatMap((other) => {
      const value = other.component.getFirstPropertyValue('recurrence-id');
      return value === null ? [] : [String(value)];
    }),
  );
}

const dated = ['dtstart', 'dtend', 'exdate', 'rdate', 'recurrence-id'] as const;

/** ical.js takes the 41st of a month for one of the next: what a person wrote wrongly must not become another day. */
function requireTimes({ component, lines, line }: Part, { wrong }: Reading): void {
  if (!lines.has('dtstart')) throw wrong(line, 'an event needs DTSTART, when it begins');
  for (const name of dated) {
    for (const property of component.getAllProperties(name)) {
      for (const written of rawValues(property)) requireDay(written, lines.get(name) ?? line);
    }
  }
  try {
    component.getFirstPropertyValue('rrule');
    for (const name of dated) component.getFirstPropertyValue(name);
  } catch (error) {
    const at = lines.get('rrule') ?? lines.get('dtstart') ?? line;
    const rule = 'a rule is such as RRULE:FREQ=WEEKLY;BYDAY=FR';
    throw wrong(
      at,
      `${messageOf(error)}; ${lines.has('rrule') ? rule : 'a date is such as 20261224'}`,
    );
  }

  function requireDay(written: string, at: number): void {
    const [, year, month, day, hour = '00', minute = '00', second = '00'] =
      /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)Z?)?$/.exec(written) ?? [];
    const text = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
    const parsed = Date.parse(text);
    if (Number.isNaN(parsed) || new Date(parsed).toISOString() !== text)
      throw wrong(at, `${written} is no date, such as 20261224 or 20261224T180000`);
  }
}

function rawValues(property: ICAL.Property): string[] {
  const [, , , ...values] = property.toJSON() as [string, object, string, ...unknown[]];
  return values.flat().map(String);
}

const scopePattern = /^(service|environment|class|runbook|zone):.+$/;

function meaningOf(
  { component, lines, line }: Part,
  { wrong }: Reading,
): Pick<FrozenTime, 'kind' | 'scopes'> {
  const categories = component
    .getAllProperties('categories')
    .flatMap((property) => property.getValues().map((value) => String(value).trim()));
  const scopes = categories.filter((category) => category.includes(':'));
  const stranger = scopes.find((scope) => !scopePattern.test(scope));
  if (stranger !== undefined) {
    const forms = 'service:<name>, environment:<name>, class:<name>, runbook:<name>, zone:<name>';
    const why = `the category ${stranger.slice(0, saysMax)} is no scope; a scope is ${forms}`;
    throw wrong(lines.get('categories') ?? line, why);
  }
  const alone = categories.some((category) => category.toUpperCase() === 'NO-AUTOMATION');
  return {
    kind: alone ? 'no-automation' : 'freeze',
    scopes: scopes.length === 0 ? ['everything'] : scopes,
  };
}

function instantIn(time: ICAL.Time, { component, lines, line }: Part, reading: Reading): number {
  if (time.zone.tzid === 'UTC') return time.toUnixTime() * 1000;
  const { year, month, day, hour, minute, second } = time;
  const wallMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const start = component.getFirstProperty('dtstart');
  const named = start?.getFirstParameter('tzid');
  const tzid = time.isDate || named === undefined ? reading.timeZone : named;
  if (isKnownZone(tzid)) return instantOf(wallMs, tzid);
  const defined = reading.zones.get(tzid);
  if (defined === undefined) {
    const why = `the time zone ${tzid.slice(0, saysMax)} is neither known nor defined by a VTIMEZONE`;
    throw reading.wrong(lines.get('dtstart') ?? line, why);
  }
  const zoned = time.clone();
  zoned.zone = defined;
  return zoned.toUnixTime() * 1000;
}

function textOf(component: ICAL.Component, name: string): string {
  const value = component.getFirstPropertyValue(name);
  return value === null ? '' : String(value);
}
