/** Patterns: a star stands for any text, everything else for itself. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { matches } from './pattern.js';

/** The same, as slowly and plainly as can be. */
function fits(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  const rest = pattern.slice(1);
  if (pattern[0] !== '*') return pattern[0] === text[0] && fits(rest, text.slice(1));
  return fits(rest, text) || (text !== '' && fits(pattern, text.slice(1)));
}

describe('a pattern', () => {
  test.each([
    ['belay*', 'belay-console', true],
    ['belay*', 'not-belay', false],
    ['process:*/belay*', 'process:local/belay-worker', true],
    ['process:*/belay*', 'process:local/shop', false],
    ['a*b*a', 'aba', true],
    ['ab*ba', 'aba', false],
    ['*', '', true],
    ['', 'a', false],
    ['shop', 'shop', true],
    ['sh.p', 'shop', false],
  ])('%s and %s: %s', (pattern, text, wanted) => {
    expect(matches(pattern, text)).toBe(wanted);
  });

  test('agrees with the plain definition on any text', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
    const texts = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 });
    fc.assert(
      fc.property(letters, texts, (pattern, text) => {
        expect(matches(pattern, text)).toBe(fits(pattern, text));
      }),
      { numRuns: 2000 },
    );
  });

  test('is quick on hostile text', () => {
    const startedMs = performance.now();
    expect(matches(`${'*a'.repeat(50)}*b`, 'a'.repeat(100_000))).toBe(false);
    expect(performance.now() - startedMs).toBeLessThan(1000);
  });
});
