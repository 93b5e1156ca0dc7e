/** Loading a set: what is wrong names file, line and fix; what is extreme wants a person; what was good stays in force. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { schemaText } from '../../activities/policy/fact.js';
import { createPolicy, type PolicyNews } from '../../activities/policy/source.js';
import { digestOf, loadSet, type SetFiles } from '../../activities/policy/set.js';
import { ruleText } from '../../activities/policy/words.js';
import type { PlannedStep } from '../../workflows/domain/plan.js';
import { alertOf } from '../support/simulator/simulator.js';
import { policyText, setOf, shippedFiles } from './made-sets.js';

const restart = policyText('a', 'permit', 'context.level <= 3 && context.actionClass == "restart"');
const load = (files: SetFiles) => loadSet(files, 'test');

describe('a set with a mistake is refused with file, line, column and what to write', () => {
  const good = `${restart}\n// a comment with an é\n`;
  const cases: [string, string, string][] = [
    [
      'broken text',
      `${good}permit (principal, action, resource) when { context. };`,
      'levels.cedar:6:54: ',
    ],
    [
      'no id',
      `${good}permit (principal, action, resource);`,
      'levels.cedar:6:1: every policy has an id',
    ],
    ['an id twice', `${good}${restart}`, 'levels.cedar:1:1: the id a is taken (levels.cedar:1)'],
    [
      'a fact nobody knows',
      good + policyText('b', 'permit', 'context.confidnce > 3'),
      'levels.cedar:6:1: policy b: a condition is about context.<fact>',
    ],
    [
      'a fact that may be absent and is not asked for',
      good + policyText('b', 'permit', 'context.confidence > 3'),
      'levels.cedar:8:8: for policy `b`, unable to guarantee safety of access to optional attribute `confidence`',
    ],
    [
      'a condition that can never be',
      good + policyText('b', 'permit', 'context.level > 3 && false'),
      'levels.cedar:6:1: for policy `b`, policy is impossible',
    ],
    [
      'arithmetic',
      good + policyText('b', 'permit', 'context.level + 1 < 3'),
      'levels.cedar:6:1: policy b: a condition is about context.<fact>',
    ],
    [
      'an operator outside the subset',
      good + policyText('b', 'permit', 'context.tier like "w*"'),
      'levels.cedar:6:1: policy b: like is not used here; there are: && || !',
    ],
    [
      'another action',
      `${good}@id("b") permit (principal, action == Action::"delete", resource);`,
      'levels.cedar:6:1: policy b: the only action is Action::"act"',
    ],
    [
      'a text compared by size',
      good + policyText('b', 'permit', 'context.tier < "w"'),
      'levels.cedar:6:1: policy b: texts are compared with == and != only',
    ],
    [
      'a number where a text stands',
      good + policyText('b', 'permit', '["3"].contains(context.level)'),
      'levels.cedar:6:1: policy b: context.level is a number, and here stands a text',
    ],
    [
      'a template',
      `${good}@id("b") permit (principal == ?principal, action, resource);`,
      'levels.cedar:1:1: templates are not used here',
    ],
  ];
  test.each(cases)('%s', (_, text, message) => {
    expect(() => load(setOf(text))).toThrow(message);
  });

  test('levels in both places, or in none', () => {
    const services = setOf('').services;
    const withLevels = {
      ...services,
      text: `${services.text}levels: { restart: { warning: 3 } }\n`,
    };
    expect(() => load(setOf(restart, { services: withLevels }))).toThrow(
      'services.yaml:1:1: levels stand in levels.cedar and its like; take the key levels out',
    );
    expect(() => load(setOf('', { cedar: [] }))).toThrow(
      'no .cedar file beside it that grants levels',
    );
    expect(load(setOf('', { services: withLevels, cedar: [] })).rules).toHaveLength(2);
  });

  test('a schema of another version, and an approved list with a mistake', () => {
    const schema = { name: 'belay.cedarschema', text: schemaText().replace('tier: ', 'rank: ') };
    expect(() => load(setOf(restart, { schema }))).toThrow(
      'belay policy schema > belay.cedarschema',
    );
    const approved = { name: 'approved.yaml', text: 'version: 1\nports: [80, 99999]\n' };
    expect(() => load(setOf(restart, { approved }))).toThrow('approved.yaml:2:13: ports.1');
  });
});

describe('a set that permits nothing, or everything', () => {
  test.each([
    ['nothing', policyText('a', 'permit', 'context.level <= 1')],
    ['nothing', restart + policyText('b', 'forbid', 'context.level > 1')],
    ['everything', '@id("a") permit (principal, action, resource);'],
    [
      'everything',
      '@id("a") permit (principal, action, resource);' +
        policyText('b', 'forbid', 'context.level > context.ceiling'),
    ],
  ])('is refused as %s, and comes into force once its digest was accepted', (what, text) => {
    const files = setOf(text);
    expect(() => load(files)).toThrow(new RegExp(`permits ${what}.*belay policy check --yes`));
    expect(load({ ...files, accepted: [digestOf(files)] }).digest).toBe(digestOf(files));
    expect(() => load({ ...files, accepted: ['0'.repeat(64)] })).toThrow('--yes');
  });
});

test('the digest covers every file of the set, wherever it lies', () => {
  const files = shippedFiles();
  const digest = digestOf(files);
  const moved = {
    ...files,
    services: { ...files.services, name: '/etc/belay/policies/services.yaml' },
  };
  expect(digestOf(moved)).toBe(digest);
  for (const changed of [
    { ...files, services: { ...files.services, text: `${files.services.text}\n` } },
    { ...files, cedar: files.cedar.slice(1) },
    { ...files, approved: null },
    { ...files, cedar: files.cedar.map((file) => ({ ...file, text: `${file.text}\n` })) },
  ]) {
    expect(digestOf(changed)).not.toBe(digest);
  }
});

test('a policy is told in words from the same value that decides', () => {
  const [rule] = load(
    setOf(restart + policyText('b', 'forbid', 'context has confidence && context.confidence < 70')),
  ).rules.slice(1);
  expect(rule === undefined ? '' : ruleText(rule)).toBe(
    'forbids everything when the confidence is below 70 %',
  );
});

describe('in force', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'belay-set-'));
    await writeFile(join(folder, 'services.yaml'), setOf('').services.text);
    await writeFile(join(folder, 'levels.cedar'), restart);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const step: PlannedStep = {
    ...{ name: 'restart', action: 'x', actionClass: 'restart', target: 'process:h/p', says: '' },
    ...{ input: {}, before: null, expected: null, irreversible: null, bounds: {} },
  };
  const question = { runbook: 'any', alert: alertOf('Down'), steps: [step] };

  test('a Cedar file that became wrong is announced once, and the last good set answers on', async () => {
    const news: PolicyNews[] = [];
    const path = join(folder, 'services.yaml');
    const policy = createPolicy({ path, announce: (told) => news.push(told) });
    const levelNow = async (): Promise<unknown> => {
      const answer = await policy.ask(question);
      return answer.known ? answer.value.terms?.level : answer.why;
    };
    expect(await levelNow()).toBe(3);
    await writeFile(join(folder, 'levels.cedar'), 'permit (');
    expect([await levelNow(), await levelNow()]).toEqual([3, 3]);
    await writeFile(join(folder, 'more.cedar'), policyText('b', 'forbid', 'context.level > 2'));
    expect(await levelNow()).toBe(3);
    await writeFile(join(folder, 'levels.cedar'), restart);
    expect(await levelNow()).toBe(2);
    expect(news.map(({ kind }) => kind)).toEqual(['in-force', 'refused', 'refused', 'in-force']);
    expect(news[1]).toMatchObject({ why: expect.stringContaining('levels.cedar:1:'), keeps: /./ });
  });

  test('facts that cannot be read, or are out of their range, are not known', async () => {
    const path = join(folder, 'services.yaml');
    const needs = policyText('b', 'forbid', '!(context has trust && context.trust >= 3)');
    await writeFile(join(folder, 'more.cedar'), needs);
    const levelWith = async (read: () => Promise<object>): Promise<unknown> => {
      const answer = await createPolicy({ path, facts: { read } }).ask(question);
      return answer.known ? answer.value.permissions[0]?.level : answer.why;
    };
    expect(await levelWith(() => Promise.resolve({ trust: { known: true, value: 3 } }))).toBe(3);
    expect(await levelWith(() => Promise.resolve({ trust: { known: true, value: 9 } }))).toBeNull();
    expect(
      await levelWith(() => Promise.resolve({ trust: { known: false, why: 'away' } })),
    ).toBeNull();
    expect(await levelWith(() => Promise.reject(new Error('away')))).toBeNull();
  });
});
