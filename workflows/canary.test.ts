/** How many targets each stage of a canary has, and what is no canary. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { stagesOf } from './canary.js';

const sizes = (count: number, stages: Parameters<typeof stagesOf>[1]): number[] =>
  stagesOf(
    Array.from({ length: count }, (_, at) => at),
    stages,
  ).map((stage) => stage.length);

describe('the stages of a canary', () => {
  test('are one target first, then a share of all at a time', () => {
    expect(sizes(9, { then: '25%' })).toEqual([1, 2, 2, 2, 2]);
    expect(sizes(10, { first: 2, then: 3 })).toEqual([2, 3, 3, 2]);
    expect(sizes(3, { then: '10%' })).toEqual([1, 1, 1]);
    expect(sizes(5, { then: '100%' })).toEqual([1, 4]);
  });

  test('keep one target for later however many were to be first, where there are two', () => {
    expect(sizes(2, { first: 50, then: 1 })).toEqual([1, 1]);
    expect(sizes(1, { first: 50, then: 1 })).toEqual([1]);
  });

  test('are an error for an empty list, which is never everything', () => {
    expect(() => sizes(0, { then: 1 })).toThrow('a canary needs targets: its list is empty');
  });

  test.each([
    [{ then: 0 }, /"then" is 0; write a whole number/],
    [{ then: '0%' as const }, /"then" is 0%; write a number, or a share such as 25%/],
    [{ then: '101%' as const }, /or a share/],
    [{ first: 0.5, then: 1 }, /"first" is 0.5/],
    [{ first: Number.NaN, then: 1 }, /"first" is NaN/],
  ])('are refused when they are none: %p', (stages, says) => {
    expect(() => sizes(4, stages)).toThrow(says);
  });

  test('have every target once and in order, and none larger than it was to be', () => {
    const drawn = fc.record({
      count: fc.integer({ min: 1, max: 60 }),
      first: fc.integer({ min: 1, max: 60 }),
      then: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(drawn, ({ count, first, then }) => {
        const targets = Array.from({ length: count }, (_, at) => at);
        const [alone = [], ...later] = stagesOf(targets, { first, then });
        expect([...alone, ...later.flat()]).toEqual(targets);
        expect(alone.length).toBeLessThanOrEqual(first);
        for (const stage of later) expect(stage.length).toBeLessThanOrEqual(then);
        if (count > 1) expect(later.length).toBeGreaterThan(0);
      }),
    );
  });
});
