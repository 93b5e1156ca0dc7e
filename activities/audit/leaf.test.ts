/** What of a line is hashed: the canonical form of RFC 8785, and that no edit gets lost on the way through a double. */
import { describe, expect, test } from '@jest/globals';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { canonicalText, readLine } from './leaf.js';

const canonicalOf = canonicalize as unknown as (value: unknown) => string;

test('the canonical text is that of RFC 8785', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const parsed: unknown = JSON.parse(JSON.stringify(value));
      expect(canonicalText(parsed)).toBe(canonicalOf(parsed));
    }),
    { numRuns: 1000 },
  );
});

test('the example of RFC 8785 comes out as published', () => {
  const given: unknown = JSON.parse(
    '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],' +
      '"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}',
  );
  expect(canonicalText(given)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

describe('a line', () => {
  const line = (also: string): string =>
    `{"seq":7,"id":"a","run":null,"kind":"switch","says":"x","at":"2026-01-02T03:04:05.12+00:00",` +
    `"recorded_at":"2026-01-02T03:04:05+00:00","detail":${also}}`;

  test('leaves out what is null and writes times with six digits', () => {
    expect(readLine(line('{"b":[1,"é"],"a":0.5}'))).toMatchObject({
      seq: 7,
      run: undefined,
      leaf:
        '{"at":"2026-01-02T03:04:05.120000Z","detail":{"a":0.5,"b":[1,"é"]},"id":"a","kind":"switch",' +
        '"recorded_at":"2026-01-02T03:04:05.000000Z","says":"x","seq":7}',
    });
  });

  test('numbers that Belay writes are those of their doubles', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        fc.pre(!Object.is(value, -0));
        const read = readLine(line(asNumeric(value)));
        expect(read.leaf).not.toContain('other digits');
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['1', '1.0'],
    ['0.1', '0.10'],
    ['0.1', '0.1000000000000000055511151231257827'],
    ['9007199254740992', '9007199254740993'],
    ['123456789012345.6', '123456789012345.61'],
    ['null', 'null '],
  ])('%s changed to %s gets another hash', (before, after) => {
    const hashOf = (text: string) =>
      readLine(text === 'null ' ? `${line('null')} ` : line(text)).hash;
    expect(hashOf(after)).not.toBe(hashOf(before));
  });
});

/** As PostgreSQL's numeric prints it: no exponent. */
function asNumeric(value: number): string {
  const text = String(value);
  const [, sign = '', whole = '', fraction = '', exponent] =
    /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? [];
  if (exponent === undefined) return text;
  const shift = Number(exponent);
  if (shift < 0) return `${sign}0.${'0'.repeat(-shift - 1)}${whole}${fraction}`;
  return `${sign}${(whole + fraction).padEnd(shift + 1, '0')}`;
}
