/** Text cut to bytes: never too long, never half a character. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cutToBytes } from './text.js';

const bytesOf = (text: string): number => Buffer.byteLength(text, 'utf8');

test('text that fits is left alone', () => {
  expect(cutToBytes('restart shop', 12)).toBe('restart shop');
  expect(cutToBytes('ü', 2)).toBe('ü');
});

test('what is cut ends in an ellipsis and never in half a character', () => {
  expect(cutToBytes('restart shop', 11)).toBe('restart …');
  expect(cutToBytes('🔥🔥', 7)).toBe('🔥…');
});

test('text of any kind keeps within its bytes and begins as it did', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 3, max: 60 }), (text, max) => {
      const cut = cutToBytes(text, max);
      expect(bytesOf(cut)).toBeLessThanOrEqual(max);
      expect(text.startsWith(cut.replace(/…$/, '')) || text === cut).toBe(true);
    }),
  );
});
