/** Every change of the shipped policies must pass their own tests and the library of scenarios, and leave no policy untried. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { coverageOf, parseCases, runCases } from '../../activities/policy/cases.js';
import { readFolder } from '../../activities/policy/set-files.js';
import { loadSet } from '../../activities/policy/set.js';
import { runbooks } from '../../runbooks/index.js';
import { danglingIn } from '../../scripts/cli/policy/decay.js';
import { shippedFiles, shippedPath } from './made-sets.js';

const set = loadSet(shippedFiles(), 'shipped');
const cases = readFolder(shippedPath, 'tests', '.yaml').flatMap(parseCases);
const scenarios = readdirSync('test/scenarios')
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => join('test/scenarios', name))
  .flatMap((name) => parseCases({ name, text: readFileSync(name, 'utf8') }));

describe('the shipped policies', () => {
  test.each(runCases(cases, set.ask).map((result) => [result.case.name, result] as const))(
    'case: %s',
    (_, { wrong }) => {
      expect(wrong).toBeNull();
    },
  );

  test.each(runCases(scenarios, set.ask).map((result) => [result.case.name, result] as const))(
    'scenario: %s',
    (_, { wrong }) => {
      expect(wrong).toBeNull();
    },
  );

  test('are each tried on both sides', () => {
    const untried = coverageOf(set.rules, runCases(cases, set.ask)).filter(
      ({ decides, rests }) => decides === null || rests === null,
    );
    expect(untried).toEqual([]);
  });

  test('have an owner, a day of review and something they protect, and name nothing that is not there', () => {
    for (const { id, notes } of set.rules) {
      expect({ id, ...notes }).toEqual({
        id,
        owner: expect.stringMatching(/./),
        review: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        protects: expect.stringMatching(/./),
      });
    }
    expect(danglingIn(set, runbooks)).toEqual([]);
  });
});

test('a case that is wrong says what came instead, and who decided', () => {
  const text = 'cases: [{ name: a, facts: { actionClass: restart }, level: 5 }]';
  const [result] = runCases(parseCases({ name: 'x.yaml', text }), set.ask);
  expect(result?.wrong).toBe(
    'level 3 instead of 5 (by restart-overseen; unknown-facts forbid more)',
  );
});

test('a case with a mistake names file, line and column', () => {
  const text = 'cases:\n  - { name: a, facts: { tire: info, errorBudget: 101 }, level: 9 }\n';
  expect(() => parseCases({ name: 'x.yaml', text })).toThrow(
    /x.yaml:2:25: .*tire: is no fact; there are actionClass, .*\nx.yaml:2:37: .*101 is no value.*\nx.yaml:2:\d+: .*level: a level is/,
  );
});
