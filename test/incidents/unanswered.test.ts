/**
 * Incidents that nothing answers yet, by name. Where the harm is played it does happen: that is said, not hidden. As soon
 * as a guard is there its incidents must be told in scenarios/, with it and without it.
 */
import { describe, expect, test } from '@jest/globals';
import { playIn } from './played.js';
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

  const played = unanswered.flatMap(({ name, played }) => {
    return played === undefined ? [] : [[name, played] as const];
  });

  test.each(played)('%s: its harm does happen with everything that is there', async (_, part) => {
    expect(part.harm(await playIn(part.story, {}))).toBeDefined();
  });

  test('a guard that is there is seen to be there', () => {
    expect(isThere({ file: 'workflows/gates/index.ts', says: /\/lease\.js'/ })).toBe(true);
  });
});
