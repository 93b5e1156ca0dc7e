/** Calendars as people and programs write them: when each holds, and how what is wrong with one is said. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseCalendar } from './calendar.js';
import { instantOf } from './wall-clock.js';

function calendarOf(...lines: string[]): string {
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', ...lines, 'END:VCALENDAR', ''].join('\r\n');
}

function eventOf(...lines: string[]): string {
  return calendarOf('BEGIN:VEVENT', 'UID:1', 'SUMMARY:freeze', ...lines, 'END:VEVENT');
}

function holds(text: string, at: string, timeZone = 'UTC'): string[] {
  const calendar = parseCalendar(text, 'freeze.ics', { timeZone });
  return calendar.at(Date.parse(at)).map(({ says }) => says);
}

describe('an event of a calendar', () => {
  test('holds from its beginning until, and not at, its end', () => {
    const text = eventOf('DTSTART:20260105T080000Z', 'DTEND:20260105T100000Z');
    expect(holds(text, '2026-01-05T07:59:59Z')).toEqual([]);
    expect(holds(text, '2026-01-05T08:00:00Z')).toEqual(['freeze']);
    expect(holds(text, '2026-01-05T09:59:59Z')).toEqual(['freeze']);
    expect(holds(text, '2026-01-05T10:00:00Z')).toEqual([]);
  });

  test('of a whole day is a day of the time zone that is set', () => {
    const text = eventOf('DTSTART;VALUE=DATE:20261224', 'DTEND;VALUE=DATE:20261227');
    expect(holds(text, '2026-12-23T23:30:00Z', 'Europe/Berlin')).toEqual(['freeze']);
    expect(holds(text, '2026-12-26T22:59:00Z', 'Europe/Berlin')).toEqual(['freeze']);
    expect(holds(text, '2026-12-26T23:00:00Z', 'Europe/Berlin')).toEqual([]);
    expect(holds(text, '2026-12-23T23:30:00Z')).toEqual([]);
  });

  test('recurs by its rule, but for the dates it leaves out, at the wall clock of its zone', () => {
    const text = eventOf(
      'DTSTART;TZID=Europe/Berlin:20260102T220000',
      'DURATION:PT8H',
      'RRULE:FREQ=WEEKLY;BYDAY=FR',
      'EXDATE;TZID=Europe/Berlin:20260109T220000',
    );
    expect(holds(text, '2026-01-02T21:00:00Z')).toEqual(['freeze']);
    expect(holds(text, '2026-01-03T04:59:00Z')).toEqual(['freeze']);
    expect(holds(text, '2026-01-10T03:00:00Z')).toEqual([]);
    expect(holds(text, '2026-01-16T20:59:00Z')).toEqual([]);
    expect(holds(text, '2026-07-03T20:00:00Z')).toEqual(['freeze']);
  });

  test('of a series that was moved holds where it stands now, and not where it stood', () => {
    const text = calendarOf(
      ...['BEGIN:VEVENT', 'UID:s', 'SUMMARY:weekly', 'DTSTART:20260105T080000Z'],
      ...['DURATION:PT1H', 'RRULE:FREQ=WEEKLY', 'END:VEVENT'],
      ...['BEGIN:VEVENT', 'UID:s', 'RECURRENCE-ID:20260112T080000Z', 'SUMMARY:moved'],
      ...['DTSTART:20260113T080000Z', 'DURATION:PT1H', 'END:VEVENT'],
    );
    expect(holds(text, '2026-01-05T08:30:00Z')).toEqual(['weekly']);
    expect(holds(text, '2026-01-12T08:30:00Z')).toEqual([]);
    expect(holds(text, '2026-01-13T08:30:00Z')).toEqual(['moved']);
  });

  test('is in a zone of its own file where nobody else knows it', () => {
    const text = calendarOf(
      ...['BEGIN:VTIMEZONE', 'TZID:Plant 7', 'BEGIN:STANDARD', 'DTSTART:19700101T000000'],
      ...['TZOFFSETFROM:+0330', 'TZOFFSETTO:+0330', 'END:STANDARD', 'END:VTIMEZONE'],
      ...['BEGIN:VEVENT', 'SUMMARY:freeze', 'DTSTART;TZID=Plant 7:20260105T080000'],
      ...['DURATION:PT1H', 'END:VEVENT'],
    );
    expect(holds(text, '2026-01-05T04:30:00Z')).toEqual(['freeze']);
    expect(holds(text, '2026-01-05T05:30:00Z')).toEqual([]);
  });

  test('that was cancelled does not hold; its categories say what for', () => {
    const times = ['DTSTART:20260105T080000Z', 'DURATION:PT1H'];
    expect(holds(eventOf(...times, 'STATUS:CANCELLED'), '2026-01-05T08:30:00Z')).toEqual([]);
    const text = eventOf(...times, 'CATEGORIES:no-automation,service:shop,release');
    const calendar = parseCalendar(text, 'freeze.ics', { timeZone: 'UTC' });
    const [time] = calendar.at(Date.parse('2026-01-05T08:30:00Z'));
    expect(time).toMatchObject({ kind: 'no-automation', scopes: ['service:shop'] });
  });
});

describe('a calendar that cannot be used', () => {
  const begins = 'DTSTART:20260105T080000Z';
  test.each([
    ['is none', 'garbage', /^freeze.ics:1: a line is NAME:value/],
    ['has no end', 'BEGIN:VCALENDAR\nBEGIN:VEVENT\n', /^freeze.ics:2: vevent begins in line 2 and/],
    [
      'ends another part',
      'BEGIN:VCALENDAR\nEND:VEVENT\n',
      /^freeze.ics:2: END:VEVENT ends nothing/,
    ],
    ['does not say when', eventOf(), /^freeze.ics:3: an event needs DTSTART/],
    [
      'names no day',
      eventOf('DTSTART;VALUE=DATE:20261341'),
      /^freeze.ics:6: 2026-13-41 is no date/,
    ],
    ['names no time', eventOf('DTSTART:2026xx'), /^freeze.ics:6: .* is no date/],
    ['has no such rule', eventOf(begins, 'RRULE:FREQ=BOO'), /^freeze.ics:7: invalid frequency/],
    [
      'ends before it begins',
      eventOf(begins, 'DTEND:20260104T000000Z'),
      /^freeze.ics:7: .* before/,
    ],
    [
      'names no zone',
      eventOf('DTSTART;TZID=Mars/Base:20260105T080000', 'DURATION:PT1H'),
      /^freeze.ics:6: the time zone Mars\/Base is neither known/,
    ],
    [
      'misspells a scope',
      eventOf(begins, 'DURATION:PT1H', 'CATEGORIES:sevice:shop'),
      /^freeze.ics:8: the category sevice:shop is no scope/,
    ],
    [
      'recurs beyond counting',
      eventOf('DTSTART:20000101T000000Z', 'DURATION:PT1M', 'RRULE:FREQ=MINUTELY'),
      /^freeze.ics:8: recurs more than 20000 times/,
    ],
  ])('names file and line when it %s', (_, text, says) => {
    expect(() => parseCalendar(text, 'freeze.ics', { timeZone: 'UTC' })).toThrow(says);
  });

  test('never throws anything but that', () => {
    const good = eventOf('DTSTART;TZID=Europe/Berlin:20260102T220000', 'RRULE:FREQ=DAILY;COUNT=9');
    const drawn = fc.tuple(fc.nat(good.length), fc.nat(6), fc.string({ maxLength: 6 }));
    fc.assert(
      fc.property(drawn, ([at, cut, put]) => {
        const text = good.slice(0, at) + put + good.slice(at + cut);
        try {
          parseCalendar(text, 'freeze.ics', { timeZone: 'UTC' }).at(0);
        } catch (error) {
          expect((error as Error).message).toMatch(/^freeze.ics:\d+: /);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test('a wall clock is an instant, in the hour that is skipped and the one that comes twice as well', () => {
  const at = (text: string): string =>
    new Date(instantOf(Date.parse(`${text}Z`), 'Europe/Berlin')).toISOString();
  expect(at('2026-07-01T12:00:00')).toBe('2026-07-01T10:00:00.000Z');
  expect(at('2026-03-29T02:30:00')).toBe('2026-03-29T01:30:00.000Z');
  expect(at('2026-10-25T02:30:00')).toBe('2026-10-25T00:30:00.000Z');
});
