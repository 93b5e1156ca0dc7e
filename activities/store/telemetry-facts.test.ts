/** What policy may ask of a proposal's observations: whole numbers, never better than they are, and unknown where nobody knows. */
import { expect, test } from '@jest/globals';
import type { ConfidencePart } from '../../workflows/domain/telemetry.js';
import { known } from '../../workflows/domain/verdict.js';
import { telemetryFactsOf } from './telemetry-facts.js';

const part = (over: Partial<ConfidencePart>): ConfidencePart => {
  return { what: 'a', weight: 1, value: 1, why: '', ...over };
};
const factsOf = (value: number, ...parts: ConfidencePart[]) => {
  return telemetryFactsOf({ confidence: { value, parts } });
};

test('confidence is whole percent, rounded down, and survives the binary fraction', () => {
  expect(factsOf(0.29, part({})).confidence).toEqual(known(29));
  expect(factsOf(0.699, part({})).confidence).toEqual(known(69));
});

test('the age is that of the oldest observation, in whole seconds, rounded up', () => {
  const { telemetryAge } = factsOf(1, part({ ageMs: 10 }), part({ ageMs: 1_001 }), part({}));
  expect(telemetryAge).toEqual(known(2));
});

test('the age is unknown when nobody told one, or one of them cannot be told', () => {
  expect(factsOf(1, part({})).telemetryAge.known).toBe(false);
  expect(factsOf(1, part({ ageMs: 1 }), part({ what: 'b', ageMs: null })).telemetryAge).toEqual({
    known: false,
    why: 'nobody can tell how old b is',
  });
});

test('a proposal from before there was confidence has neither', () => {
  const { confidence, telemetryAge } = telemetryFactsOf({});
  expect([confidence.known, telemetryAge.known]).toEqual([false, false]);
});
