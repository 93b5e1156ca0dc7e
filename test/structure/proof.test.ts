/** That everything there is has its proof: each reason a test, each runbook a story, a manual and a harness. */
import { describe, expect, test } from '@jest/globals';
import { runbooks } from '../../runbooks/index.js';
import { reasons } from '../../workflows/domain/reason.js';
import { gates } from '../../workflows/gates/index.js';
import { allStories } from '../support/story/shelf.js';
import { harness } from '../unwind/harness.js';
import { code, exists, textOf } from './code.js';

const stories = await allStories();
const names = runbooks.map(({ meta }) => meta.name);
const titles = code
  .filter(({ path }) => path.endsWith('.test.ts'))
  .flatMap(({ text }) => [
    ...text.matchAll(/\b(?:test|describe)(?:\.each\([^]*?\))?\(\s*(['"`])(.*?)\1/g),
  ])
  .map((match) => match[2] ?? '');

describe('the proof', () => {
  test.each(Object.keys(reasons))('the reason %s is named by a story', (reason) => {
    const told = stories.filter(({ says }) => new RegExp(`\\b${reason}\\b`).test(says));
    expect(told.map(({ name }) => name)).not.toEqual([]);
  });

  test.each(Object.keys(reasons))('the reason %s is explained to whoever asks why', (reason) => {
    expect(textOf('docs/why-it-did-not-act.md')).toContain(reason);
  });

  test.each(gates.map(({ name }) => name))('the gate %s has a test of its own', (gate) => {
    expect(
      exists(`workflows/gates/${gate}.test.ts`) || titles.some((title) => title.includes(gate)),
    ).toBe(true);
  });

  test.each(names)('the runbook %s has a story', (name) => {
    expect(stories.some(({ runbook }) => runbook.meta.name === name)).toBe(true);
  });

  test.each(names)('the runbook %s has a manual for people', (name) => {
    expect(exists(`runbooks/${name}/README.md`)).toBe(true);
  });

  test.each(names)('the runbook %s is under the unwind harness', (name) => {
    expect(harness[name]).toBeDefined();
  });

  test('every story has its golden transcript', () => {
    const missing = stories.filter(({ name }) => !exists(`test/stories/${name}.golden.txt`));
    expect(missing.map(({ name }) => name)).toEqual([]);
  });
});
