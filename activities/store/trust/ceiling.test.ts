/** The ceiling that counts: the lowest, and never a grant for another environment. */
import { describe, expect, test } from '@jest/globals';
import { earnedBy, type Ceiling } from './ceiling.js';

const restart = { actionClass: 'restart', tier: 'warning' } as const;
const granted: Ceiling = { ...restart, environment: 'demo', ceiling: 4, why: 'granted' };
const lost: Ceiling = { ...restart, environment: 'production', ceiling: 2, why: 'stuck' };

describe('what a class of action has earned', () => {
  test('is the default where nothing is known of it', () => {
    expect(earnedBy([], { ...restart, environment: 'demo' }).ceiling).toBe(3);
    const other = { ...restart, actionClass: 'scale', environment: 'demo' };
    expect(earnedBy([granted], other).ceiling).toBe(3);
  });

  test('is what was granted for the environment', () => {
    expect(earnedBy([granted], { ...restart, environment: 'demo' }).ceiling).toBe(4);
  });

  test('is the lowest of all for an alert that names no environment, and not what one of them was granted', () => {
    expect(earnedBy([granted], { ...restart, environment: '' }).ceiling).toBe(3);
    expect(earnedBy([granted, lost], { ...restart, environment: '' })).toMatchObject({
      ceiling: 2,
      why: 'stuck',
    });
  });

  test('is what was granted for alerts that name none', () => {
    const nameless = { ...granted, environment: '' };
    expect(earnedBy([nameless], { ...restart, environment: '' }).ceiling).toBe(4);
  });
});
