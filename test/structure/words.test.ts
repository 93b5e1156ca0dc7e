/** One word per thing: the words the code does not use, what it says instead, and where the world insists on them. */
import { describe, expect, test } from '@jest/globals';
import { code, commentsOf, identifiersOf, isTest, product, type SourceCode } from './code.js';

interface Banned {
  readonly word: RegExp;
  readonly instead: string;
  /** Names and phrases that are other people's. */
  readonly but?: RegExp;
}

const banned: readonly Banned[] = [
  { word: /playbooks?/, instead: 'runbook' },
  { word: /roll(ed|ing)?backs?/, instead: 'undo, for one step; unwind, for all' },
  { word: /compensat(e|ed|es|ing|ion|ions)/, instead: 'unwind' },
  { word: /jobs?/, instead: 'run', but: /job.?name|^job$/ },
  { word: /tasks?/, instead: 'action, or run', but: /task.?queue|workflow.?task|task.?execution/i },
  { word: /executions?/, instead: 'run', but: /workflow.?execution|task.?execution|^execution$/i },
  { word: /helpers?/, instead: 'the name of what it does' },
  { word: /utils?/, instead: 'the name of what it does' },
  { word: /(black|white)lists?/, instead: 'what is refused, what is permitted' },
];

/** Words of one place only: in the replayed half levels are no modes, and runs are halted. */
const bannedInReplayedHalf: readonly Banned[] = [
  { word: /modes?/, instead: 'level' },
  { word: /abort(s|ed|ing)?/, instead: 'halt' },
  { word: /managers?/, instead: 'the name of what it does', but: /alertmanager/i },
];

function wordsOf(text: string): string[] {
  return text
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);
}

function misused(file: SourceCode, words: readonly Banned[]): string[] {
  return [...identifiersOf(file), ...commentsOf(file)].flatMap(({ line, text }) => {
    const found = words.filter(({ word, but }) => {
      const whole = new RegExp(`^(${word.source})$`);
      return wordsOf(text).some((used) => whole.test(used)) && but?.test(text) !== true;
    });
    return found.map(({ word, instead }) => {
      return `${file.path}:${line}: ${word.source} is not our word; say ${instead}`;
    });
  });
}

describe('the words', () => {
  test('are those of the vocabulary', () => {
    const ours = product.filter(({ path }) => !path.startsWith('scripts/setup/'));
    expect(ours.flatMap((file) => misused(file, banned))).toEqual([]);
  });

  test('of the replayed half are stricter still', () => {
    const replayed = product.filter(({ path }) => /^(workflows|runbooks)\//.test(path));
    expect(replayed.flatMap((file) => misused(file, bannedInReplayedHalf))).toEqual([]);
  });

  test('would be found if they were there', () => {
    const comment = { line: 1, text: '/** Rolls back: runs the rollback of the playbook. */' };
    const whole = (word: RegExp): RegExp => new RegExp(`^(${word.source})$`);
    const found = banned.filter(({ word }) => {
      return wordsOf(comment.text).some((used) => whole(word).test(used));
    });
    expect(found.map(({ instead }) => instead)).toEqual([
      'runbook',
      'undo, for one step; unwind, for all',
    ]);
  });
});

describe('leftovers', () => {
  const marker = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|'));

  test('there are no markers of unfinished work', () => {
    expect(code.filter(({ text }) => marker.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test('no test is switched off, and none runs alone', () => {
    const off = /\b(test|it|describe)(\.each)?\.(skip|only|todo|failing)\b|\bx(it|describe)\(/;
    const tests = code.filter(({ path, text }) => isTest(path) && off.test(text));
    expect(tests.map(({ path }) => path)).toEqual([]);
  });

  test('nothing silences the compiler or the linter', () => {
    const silencer = new RegExp(
      ['@ts-' + 'ignore', '@ts-' + 'nocheck', 'eslint-' + 'disable'].join('|'),
    );
    expect(code.filter(({ text }) => silencer.test(text)).map(({ path }) => path)).toEqual([]);
  });

  test('the replayed half asks no clock and rolls no dice but through its Runtime', () => {
    const clock = /Date\.now\(|new Date\(\)|Math\.random\(|performance\.now\(/;
    const replayed = product.filter(({ path, text }) => {
      return /^(workflows|runbooks)\//.test(path) && clock.test(text);
    });
    expect(replayed.map(({ path }) => path)).toEqual(['workflows/runtime-temporal.ts']);
  });
});
