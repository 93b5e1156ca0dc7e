/** When `bench -- --check` fails: the comparison of one run's ratios with those that are checked in. */
import { describe, expect, test } from '@jest/globals';
import { figureOf, type Better, type Figure } from '../../scripts/bench/rig/figure.js';
import {
  compared,
  parseBaseline,
  updated,
  verdictOf,
  type Baseline,
} from '../../scripts/bench/run/baseline.js';

function ratio(name: string, value: number, better: Better): Figure {
  return figureOf({ name, value, unit: 'x', better });
}

const baseline: Baseline = {
  v: 1,
  ratios: {
    'over-floor': { value: 2, better: 'lower' },
    'over-by-hand': { value: 1, better: 'higher' },
  },
};

function verdict(...figures: Figure[]): ReturnType<typeof verdictOf> {
  return verdictOf(compared(baseline, figures));
}

describe('the check of ratios', () => {
  test.each([
    ['over-floor', 2.39, 'lower', false],
    ['over-floor', 2.41, 'lower', true],
    ['over-floor', 0.5, 'lower', false],
    ['over-by-hand', 0.81, 'higher', false],
    ['over-by-hand', 0.79, 'higher', true],
    ['over-by-hand', 5, 'higher', false],
  ] as const)('a %s of %d, %s is better: worse is %s', (name, value, better, worse) => {
    expect(verdict(ratio(name, value, better)).worse).toBe(worse);
  });

  test('names each ratio that is worse, with both values', () => {
    const { text } = verdict(ratio('over-floor', 3, 'lower'), ratio('over-by-hand', 1, 'higher'));
    expect(text).toContain('1 of 2 ratios are worse than the baseline by more than 20 %');
    expect(text).toContain('WORSE over-floor: 3, was 2 (50 % worse; lower is better)');
    expect(text).toContain('ok    over-by-hand');
  });

  test('fails for a ratio that could not be measured', () => {
    expect(verdict(ratio('over-floor', Number.NaN, 'lower')).worse).toBe(true);
    expect(verdict(ratio('over-by-hand', 0, 'higher')).worse).toBe(true);
  });

  test('fails when nothing could be compared, for that proves nothing', () => {
    const { worse, text } = verdict(ratio('something-new', 1, 'lower'));
    expect(worse).toBe(true);
    expect(text).toContain('nothing was compared');
  });

  test('tells what was left out of either side without failing for it', () => {
    const figures = [ratio('over-floor', 2, 'lower'), ratio('something-new', 1, 'lower')];
    const { text, worse } = verdict(...figures);
    expect(worse).toBe(false);
    expect(text).toContain('not measured in this run: over-by-hand');
    expect(text).toContain('not in the baseline: something-new');
  });

  test('goes by the direction that is checked in, not by the one of the run', () => {
    expect(verdict(ratio('over-floor', 4, 'higher')).worse).toBe(true);
  });

  test('looks at ratios only: milliseconds of two runs tell of two machines', () => {
    const slow = figureOf({ name: 'over-floor', value: 9_999, unit: 'ms' });
    expect(compared(baseline, [slow]).compared).toEqual([]);
  });
});

describe('a baseline', () => {
  test('takes what was measured, keeps the rest, and is sorted', () => {
    const ms = figureOf({ name: 'a-latency', value: 3, unit: 'ms' });
    const { ratios } = updated(baseline, [ratio('over-floor', 1.5, 'lower'), ms]);
    expect(ratios['over-floor']).toEqual({ value: 1.5, better: 'lower' });
    expect(Object.keys(ratios)).toEqual(['over-by-hand', 'over-floor']);
  });

  test('never takes a ratio that could not be had', () => {
    expect(updated(baseline, [ratio('over-floor', Number.NaN, 'lower')])).toEqual(baseline);
  });

  test('is read as it was written', () => {
    expect(parseBaseline(JSON.stringify(baseline), 'baseline.json')).toEqual(baseline);
  });

  test.each([
    ['no JSON at all', 'no JSON'],
    ['{"v": 2, "ratios": {}}', 'no baseline'],
    ['{"v": 1, "ratios": {"a": {"value": 0, "better": "lower"}}}', 'no baseline'],
    ['{"v": 1, "ratios": {"a": {"value": 1, "better": "sideways"}}}', 'no baseline'],
  ])('that is %s is refused with the name of its file', (text, why) => {
    expect(() => parseBaseline(text, 'docs/baseline.json')).toThrow('docs/baseline.json');
    expect(() => parseBaseline(text, 'docs/baseline.json')).toThrow(why);
  });
});
