/** What an observation must bring, and what a proposal may make of it. */
import { describe, expect, test } from '@jest/globals';
import { agreement, confidenceOf, needsOf, partOf, type TelemetryNeeds } from './telemetry.js';
import { seconds } from './time.js';

const needs: TelemetryNeeds = {
  requires: ['value'],
  maxAgeMs: seconds(60),
  dated: 'sample',
  whenFlawed: 'refuse',
};

describe('an observation', () => {
  test.each([
    ['older than it may be', { value: 1, ageMs: 60_001 }, 'it is 60s old, 60s at most are of use'],
    [
      'of which nobody can tell the age',
      { value: 1, ageMs: null },
      'nobody can tell how old it is',
    ],
    ['without a field that is needed', { ageMs: 0 }, 'it lacks value'],
    ['with nothing in a field that is needed', { value: null, ageMs: 0 }, 'it lacks value'],
    ['with a number that is none', { value: NaN, ageMs: 0 }, 'it lacks value'],
    ['that is nothing', null, 'it lacks value'],
  ])('%s is flawed and worth nothing', (_, answer, why) => {
    expect(partOf('of', needs, answer)).toMatchObject({
      what: 'of',
      weight: 1,
      value: 0,
      why,
      flawed: true,
    });
  });

  test.each([
    [0, 1],
    [30_000, 0.75],
    [60_000, 0.5],
  ])('%s ms old is worth %s', (ageMs, value) => {
    expect(partOf('of', needs, { value: 0, ageMs })).toMatchObject({ value });
    expect(partOf('of', needs, { value: 0, ageMs }).flawed).toBeUndefined();
  });

  test('of which nobody said how old it may be is worth half', () => {
    expect(partOf('of', undefined, {})).toMatchObject({ value: 0.5 });
  });
});

describe('what a decision needs', () => {
  test('is what the fact declares, but for what the decision says itself', () => {
    expect(needsOf('of', needs, undefined)).toBe(needs);
    expect(needsOf('of', needs, { maxAgeMs: 1, whenFlawed: 'ask-people' })).toEqual({
      ...needs,
      maxAgeMs: 1,
      whenFlawed: 'ask-people',
    });
    expect(needsOf('of', undefined, undefined)).toBeUndefined();
  });

  test('cannot be asked of a fact that declares nothing', () => {
    expect(() => needsOf('of', undefined, { maxAgeMs: 1 })).toThrow(/of tells no age/);
  });
});

test('two sources agree when they say the same, whatever the order of fields', () => {
  expect(
    agreement('it', [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ]),
  ).toMatchObject({ value: 1 });
  expect(agreement('it', [true, true, false])).toMatchObject({
    value: 0,
    flawed: true,
    why: 'it is contradictory: true here, false there',
  });
});

describe('confidence', () => {
  test('is the mean of its parts by their weight, and shows them', () => {
    const parts = [
      { what: 'a', weight: 1, value: 1, why: '' },
      { what: 'b', weight: 3, value: 0.5, why: '' },
    ];
    expect(confidenceOf(parts)).toEqual({ value: 0.63, parts });
  });

  test('is none when nothing was observed', () => {
    expect(confidenceOf([])).toMatchObject({
      value: 0,
      parts: [{ why: 'the runbook observed nothing' }],
    });
  });
});
