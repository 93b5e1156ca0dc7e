/** How large things may be, and that each says what it is: functions, files, parameters, lines, doc comments. */
import { describe, expect, test } from '@jest/globals';
import { code, functionsOf, isTest, product, undocumented } from './code.js';

/** Prettier keeps code at 100; a sentence in a comment may run a little over it, a string cannot be broken. */
const widthMax = 140;
/** Exported things of the two halves that still have no sentence of their own; may only go down. */
const undocumentedMax = 0;

const functions = product.flatMap(functionsOf);

function quantile(share: number): number {
  const sorted = functions.map(({ lines }) => lines).toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length * share)] ?? 0;
}

function lineCount(text: string): number {
  return text.split('\n').length - 1;
}

describe('the size of things', () => {
  test('no function is longer than 70 lines; the median is at most 10, nine of ten at most 30', () => {
    expect(functions.length).toBeGreaterThan(100);
    expect(functions.filter(({ lines }) => lines > 70)).toEqual([]);
    expect(quantile(0.5)).toBeLessThanOrEqual(10);
    expect(quantile(0.9)).toBeLessThanOrEqual(30);
  });

  test('no function takes more than three parameters', () => {
    const many = functions.filter(({ parameters }) => parameters > 3);
    const lines = many.map(({ where }) => where.replace(/:\d+/, ''));
    // run.confirm(says, check, input, options) reads as a sentence; the author's API is worth one exception
    expect(lines.filter((where) => where !== 'workflows/pass.ts')).toEqual([]);
  });

  test('no file is longer than 300 lines, no test longer than 500', () => {
    const long = code.filter(({ path, text }) => lineCount(text) > (isTest(path) ? 500 : 300));
    expect(long.map(({ path, text }) => `${path}: ${lineCount(text)}`)).toEqual([]);
  });

  test(`no line is wider than ${widthMax} characters`, () => {
    const wide = code.flatMap(({ path, text }) => {
      return text
        .split('\n')
        .flatMap((line, index) => (line.length > widthMax ? [`${path}:${index + 1}`] : []));
    });
    expect(wide).toEqual([]);
  });

  test('remediation, the page one shows a visitor, fits on one', () => {
    const story = functions.find(({ where }) => where.endsWith(' remediation'));
    expect(story?.lines).toBeLessThanOrEqual(70);
  });
});

describe('what things say of themselves', () => {
  test('every file opens with a sentence saying what it is', () => {
    const silent = code.filter(({ text }) => !text.replace(/^#!.*\n/, '').startsWith('/**'));
    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  test('exported functions and classes of the two halves have a sentence', () => {
    const halves = product.filter(({ path }) => /^(workflows|activities)\//.test(path));
    const missing = halves.flatMap(undocumented);
    expect(missing.slice(0, missing.length - undocumentedMax)).toEqual([]);
  });
});
