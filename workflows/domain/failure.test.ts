/** What an adapter may say went wrong, and how much of it is kept. */
import { expect, test } from '@jest/globals';
import { Failure, isFailureKind, messageOf } from './failure.js';

test.each(['refused', 'failed', 'unknown', 'transient'])('%s is a kind of failure', (kind) => {
  expect(isFailureKind(kind)).toBe(true);
});

test.each([['lost'], [''], [undefined], [null], [1]])('%p is no kind of failure', (kind) => {
  expect(isFailureKind(kind)).toBe(false);
});

test('a failure has its name, its kind and its message', () => {
  const failure = new Failure('refused', 'not as it was');
  expect([failure.name, failure.kind, failure.message]).toEqual([
    'Failure',
    'refused',
    'not as it was',
  ]);
});

test('the message of anything thrown is text of 500 characters at most', () => {
  expect(messageOf(new Error('x'.repeat(501)))).toBe('x'.repeat(500));
  expect(messageOf('said')).toBe('said');
});
