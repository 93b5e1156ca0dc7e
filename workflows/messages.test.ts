/** Reading signals: whatever arrives becomes a message or a sentence, and nothing ever throws. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { limits } from './domain/limits.js';
import { boundName, intakeMessages, operatorMessages, parseMessage } from './messages.js';

const arrival = (signal: string, payload?: unknown) => ({ signal, payload, ordinal: 0, atMs: 1 });
const kinds = Object.keys({ ...operatorMessages, ...intakeMessages });

describe('a message', () => {
  test.each(kinds)('of the name %s needs no input at all', (kind) => {
    expect(parseMessage(arrival(kind))).toMatchObject({ kind, by: '', plan: '', input: {} });
  });

  test('carries what its sender gave', () => {
    const input = { value: 2 };
    const payload = { plan: 'abcd1234', by: 'ana', note: 'go', step: 'lower', input };
    expect(parseMessage(arrival('modify', payload))).toEqual({
      ...payload,
      kind: 'modify',
      signal: 'modify',
      ordinal: 0,
      atMs: 1,
    });
  });

  test('whose name is bound to a plan is about that plan, whatever its input says', () => {
    const name = boundName('approve', 'approval', '0123abcd');
    expect(name).toBe('approve:approval:0123abcd');
    expect(parseMessage(arrival(name, { plan: 'ffffffff', by: 'eve' }))).toMatchObject({
      kind: 'approve',
      plan: '0123abcd',
    });
  });
});

describe('what is no message', () => {
  test.each([
    ['aprove', {}, 'no message of this name'],
    ['', {}, 'no message of this name'],
    ['constructor', {}, 'no message of this name'],
    ['toString', {}, 'no message of this name'],
    ['approve', 'yes', 'not a JSON object'],
    ['approve', [], 'not a JSON object'],
    ['approve', 7, 'not a JSON object'],
    ['approve', { __undecodable: true }, 'not a JSON object'],
    ['modify', { input: [1] }, '"input" is not a JSON object'],
  ])('is answered with why: %p with %p', (signal, payload, why) => {
    const read = parseMessage(arrival(signal, payload));
    expect(read.kind).toBe('unintelligible');
    expect('why' in read ? read.why : '').toContain(why);
  });
});

test('reading is total: any name and any input, bounded in what it keeps', () => {
  const names = fc.oneof(fc.string(), fc.constantFrom(...kinds), fc.constant('approve:a:b:c'));
  fc.assert(
    fc.property(names, fc.anything({ withNullPrototype: true }), (signal, payload) => {
      const read = parseMessage(arrival(signal, payload));
      expect([...kinds, 'unintelligible']).toContain(read.kind);
      if (read.kind === 'unintelligible') return;
      for (const text of [read.by, read.note, read.step]) {
        expect(text.length).toBeLessThanOrEqual(limits.textMax);
      }
    }),
    { numRuns: 2000 },
  );
});
