/** Bounds: which values a person may set with modify. */
import { describe, expect, test } from '@jest/globals';
import { boundText, outOfBounds } from './bound.js';

const range = { min: 0, max: 10 };
const choice = { oneOf: ['blue', 'green', 3] };

describe('a bound', () => {
  test.each([0, 3, 9.5, 10])('of 0 to 10 lets %d pass', (value) => {
    expect(outOfBounds('value', value, range)).toBeUndefined();
  });

  test.each([-1, 10.01, NaN, Infinity, '3', null, true, [3], { value: 3 }])(
    'of 0 to 10 refuses %p and names the field',
    (value) => {
      expect(outOfBounds('value', value, range)).toBe('value must be a number from 0 to 10');
    },
  );

  test('of a choice lets exactly its options pass', () => {
    expect(outOfBounds('colour', 'green', choice)).toBeUndefined();
    expect(outOfBounds('colour', 3, choice)).toBeUndefined();
    expect(outOfBounds('colour', '3', choice)).toContain('one of blue, green, 3');
  });

  test('that is not there refuses everything', () => {
    expect(outOfBounds('service', 'cart', undefined)).toBe('service cannot be modified');
  });

  test('is said in words', () => {
    expect([boundText(range), boundText(choice)]).toEqual(['0 to 10', 'one of blue, green, 3']);
  });
});
