/** How old an answer is, told by the clock of whoever asked. */
import { describe, expect, test } from '@jest/globals';
import { defineFact } from '../workflows/actions/action.js';
import { implementFact } from './adapter.js';
import { dated } from './dated.js';

const context = { signal: new AbortController().signal };
const nowMs = 1_000_000;

function asked(how: 'live' | 'sample', answer: unknown): Promise<unknown> {
  const fact = defineFact<object, unknown>({
    name: 'thing.look',
    timeoutMs: 1,
    attemptsMax: 1,
    telemetry: { requires: [], maxAgeMs: 1, dated: how, whenFlawed: 'refuse' },
  });
  const implementation = implementFact(fact, () => Promise.resolve(answer));
  if (!('fact' in implementation)) throw new Error('it is no fact');
  return dated(implementation, () => nowMs)({} as never, context);
}

describe('an answer', () => {
  test.each([
    ['of a sample is as old as the sample', { observedAtMs: nowMs - 400 }, 400],
    ['of a clock that is a little ahead is of now', { observedAtMs: nowMs + 4_000 }, 0],
    ['of a clock that is wrong has no age', { observedAtMs: nowMs + 6_000 }, null],
    ['that does not say when has no age', {}, null],
    ['that says when in words has no age', { observedAtMs: 'just now' }, null],
    ['that is no object has no age', 7, null],
  ])('%s', async (_, answer, ageMs) => {
    expect(await asked('sample', answer)).toMatchObject({ ageMs });
  });

  test('that was read off the thing itself is as old as the asking', async () => {
    expect(await asked('live', { state: 'RUNNING' })).toEqual({ state: 'RUNNING', ageMs: 0 });
  });
});
