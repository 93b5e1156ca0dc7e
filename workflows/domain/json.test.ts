/** Canonical JSON and its hash: equal values, equal text, whatever the order of keys. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonical, digest, same } from './json.js';

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toReversed();
  return Object.fromEntries(entries.map(([key, inner]) => [key, reversed(inner)]));
}

describe('canonical JSON', () => {
  test('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonical(reversed(value))).toBe(canonical(value));
        expect(same(value, reversed(value))).toBe(true);
      }),
    );
  });

  test('is JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        expect(JSON.parse(canonical(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  test('refuses what is no JSON', () => {
    expect(() => canonical(undefined)).toThrow(TypeError);
    expect(() => canonical(() => 1)).toThrow(TypeError);
  });
});

test('the digest is the SHA-256 that everybody else computes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const hash = createHash('sha256').update(canonical(value), 'utf8').digest('hex');
      expect(digest(value)).toBe(hash);
    }),
  );
});

test('different values are not the same', () => {
  expect(same({ a: 1 }, { a: 1, b: null })).toBe(false);
  expect(same([1, 2], [2, 1])).toBe(false);
  expect(same('1', 1)).toBe(false);
});
