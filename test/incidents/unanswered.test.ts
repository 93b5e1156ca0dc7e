/**
 * Incidents that nothing answers yet, by name: that is said, not hidden. As soon as a guard is there its incidents must be told
 * in scenarios/, with it and without it.
 */
import { describe, expect, test } from '@jest/globals';
import { allIncidents } from './shelf.js';
import { isThere, signs, unanswered } from './unanswered/unanswered.js';

const told = new Set((await allIncidents()).map(({ name }) => name));

describe('not answered yet', () => {
  test.each(unanswered.map((one) => [one.name, one.needs, one] as const))(
    '%s: waits for the guard %s',
    (name, needs) => {
      expect(isThere(signs[needs]) && !told.has(name)).toBe(false);
    },
  );

  test('what is told as a scenario is no longer listed', () => {
    expect(unanswered.filter(({ name }) => told.has(name))).toEqual([]);
  });

  test('a guard that is there is seen to be there', () => {
    expect(isThere({ file: 'workflows/gates/index.ts', says: /\/lease\.js'/ })).toBe(true);
  });
});
