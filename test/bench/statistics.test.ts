/** The bench's small statistics, on numbers whose answers are known. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { figureOf } from '../../scripts/bench/rig/figure.js';
import { median, percentile, slope, sum } from '../../scripts/bench/rig/statistics.js';

describe('a percentile', () => {
  test('is a sample that was measured, never one between two', () => {
    expect(percentile([1, 2, 3, 4], 0.5)).toBe(2);
    expect(percentile([4, 3, 2, 1], 0.99)).toBe(4);
    expect(median([7])).toBe(7);
  });

  test('of nothing is not a number, so that nobody takes it for a quick one', () => {
    expect(percentile([], 0.5)).toBeNaN();
  });

  test('counts what never came as longer than everything that did', () => {
    const never = Number.POSITIVE_INFINITY;
    expect(percentile([never, 1, never, 2], 0.5)).toBe(2);
    expect(percentile([never, 1, never, 2], 0.75)).toBe(never);
  });

  test('has at least its share of the samples at or below it', () => {
    const samples = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 50 });
    const share = fc.double({ min: 0.01, max: 1, noNaN: true });
    fc.assert(
      fc.property(samples, share, (all, wanted) => {
        const value = percentile(all, wanted);
        const atOrBelow = all.filter((one) => one <= value).length;
        return all.includes(value) && atOrBelow >= all.length * wanted;
      }),
    );
  });
});

describe('a slope', () => {
  test('is the growth of y for each x', () => {
    const points = [10, 20, 30].map((x) => ({ x, y: 5 + 3 * x }));
    expect(slope(points)).toBeCloseTo(3);
  });

  test('of one x alone is not a number', () => {
    expect(slope([{ x: 1, y: 1 }])).toBeNaN();
  });
});

describe('a figure', () => {
  test('keeps three digits and says whether its goal is met', () => {
    const ms = { name: 'a', unit: 'ms' } as const;
    expect(figureOf({ ...ms, value: 12.3456, atMost: 12.3 })).toMatchObject({
      value: 12.3,
      goal: '<= 12.3',
      ok: true,
    });
    expect(figureOf({ ...ms, value: 40, atLeast: 50 })).toMatchObject({ goal: '>= 50', ok: false });
  });

  test('that could not be had misses every goal', () => {
    expect(figureOf({ name: 'a', unit: 'ms', value: Number.NaN, atMost: 5 }).ok).toBe(false);
    expect(figureOf({ name: 'a', unit: 'ms', value: Number.NaN, atLeast: 5 }).ok).toBe(false);
  });

  test('tells which way it gets better when it is a ratio', () => {
    const ratio = figureOf({ name: 'a', unit: 'x', value: 2, better: 'lower' });
    expect(ratio.better).toBe('lower');
    expect(figureOf({ name: 'a', unit: 'ms', value: 2 })).not.toHaveProperty('better');
  });

  test('sums are sums', () => {
    expect(sum([1, 2, 3.5])).toBe(6.5);
    expect(sum([])).toBe(0);
  });
});
