/** "Well" counts only of an answer that is young enough. */
import { expect, test } from '@jest/globals';
import { probeAnswers, queryBelow } from './actions/monitor.js';
import { counted } from './health.js';

const well = (over: object) => ({ well: true, seen: '0.1', ...over });

test('a sample within its age is well, an older one and one of unknown age are not', () => {
  expect(counted(queryBelow, well({ ageMs: 60_000 })).well).toBe(true);
  expect(counted(queryBelow, well({ ageMs: 60_001 }))).toEqual({
    well: false,
    seen: '0.1, but it is 60s old, 60s at most are of use',
  });
  expect(counted(queryBelow, well({ ageMs: null })).well).toBe(false);
});

test('an answer of a history from before there were ages is believed, and one of a check that declares nothing', () => {
  expect(counted(queryBelow, well({})).well).toBe(true);
  expect(counted(probeAnswers, well({ ageMs: 1e9 })).well).toBe(true);
});

test('what is not well stays so in its own words', () => {
  const health = { well: false, seen: 'no sample', ageMs: null };
  expect(counted(queryBelow, health)).toBe(health);
});
