/** Durations and instants as text. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { durationText, hours, instantMs, instantText, minutes, seconds } from './time.js';

describe('a duration for people', () => {
  test.each([
    [0, '0ms'],
    [-5, '0ms'],
    [999, '999ms'],
    [seconds(45), '45s'],
    [minutes(5), '5m'],
    [minutes(90), '1h 30m'],
    [hours(25), '1d 1h'],
    [hours(24) + seconds(3), '1d 3s'],
    [minutes(2) + 400, '2m'],
  ])('of %d ms is %s', (durationMs, text) => {
    expect(durationText(durationMs)).toBe(text);
  });

  test('has one or two units and never an empty text', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e6, max: 1e12, noNaN: true }), (durationMs) => {
        expect(durationText(durationMs)).toMatch(/^\d+(ms|[dhms])( \d+[hms])?$/);
      }),
    );
  });
});

describe('an instant', () => {
  test('is milliseconds of RFC 3339, in any zone', () => {
    expect(instantMs('2026-01-05T03:00:00Z')).toBe(Date.UTC(2026, 0, 5, 3));
    expect(instantMs('2026-01-05T04:00:00.1234567+01:00')).toBe(Date.UTC(2026, 0, 5, 3) + 123);
    expect(instantMs('yesterday')).toBeUndefined();
  });

  test('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e12 }), (atMs) => {
        expect(instantMs(instantText(atMs))).toBe(atMs);
      }),
    );
  });
});
