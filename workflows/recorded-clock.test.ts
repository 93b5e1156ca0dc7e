/** The clock of a run moves by what its answers bring along, forwards only, and by nothing else. */
import { expect, test } from '@jest/globals';
import { RecordedClock } from './recorded-clock.js';

test('stands where the run began until an answer says how late it is', () => {
  const clock = new RecordedClock(1_000);
  expect(clock.now()).toBe(1_000);
  expect(clock.heard({ answer: { retries: 6 }, atMs: 4_500 })).toEqual({ retries: 6 });
  expect(clock.now()).toBe(4_500);
});

test('is the same whichever of two answers comes first', () => {
  const answers = [
    { answer: 'slow', atMs: 9_000 },
    { answer: 'quick', atMs: 2_000 },
  ];
  const clocks = [answers, answers.toReversed()].map((inOrder) => {
    const clock = new RecordedClock(1_000);
    for (const answer of inOrder) clock.heard(answer);
    return clock.now();
  });
  expect(clocks).toEqual([9_000, 9_000]);
});
