/** The judge of the chaos bites: made-up records with one thing wrong in them, and what it must say of each. */
import { describe, expect, test } from '@jest/globals';
import { reportOf, storyOf } from '../../scripts/chaos/oracle/report.js';
import { judge } from '../../scripts/chaos/oracle/oracle.js';
import type { Evidence } from '../../scripts/chaos/oracle/evidence.js';
import { at, changed, goodEvidence, other, run, target } from './evidence.js';

function spoilt(change: (good: Evidence) => Partial<Evidence>): Evidence {
  const good = goodEvidence();
  return { ...good, ...change(good) };
}

function kindsOf(evidence: Evidence): string[] {
  return judge(evidence).map(({ kind }) => kind);
}

describe('the oracle of the chaos', () => {
  test('has nothing to say when all went well', () => {
    expect(judge(goodEvidence())).toEqual([]);
  });

  test.each<[string, string[], (good: Evidence) => Partial<Evidence>]>([
    ['an acknowledged alert without a row', ['lost'], ({ inbox }) => ({ inbox: inbox.slice(1) })],
    [
      'an acknowledged alert that still waits',
      ['lost', 'lost'],
      ({ inbox }) => ({ inbox: inbox.map((row) => ({ ...row, state: 'pending' })) }),
    ],
    [
      'an acknowledged alert that was given up',
      ['lost', 'lost'],
      ({ inbox }) => ({ inbox: inbox.map((row) => ({ ...row, state: 'dead' })) }),
    ],
    [
      'an alert whose run left no line',
      ['lost', 'no-intent'],
      ({ ledger }) => ({ ledger: ledger.filter((line) => line.run !== other) }),
    ],
    [
      'an effect made twice',
      ['double'],
      ({ mutations }) => ({ mutations: [...mutations, changed(run, 2.5)] }),
    ],
    [
      'an effect before its intent',
      ['no-intent'],
      ({ mutations }) => ({ mutations: [changed(run, 0.5), ...mutations.slice(1)] }),
    ],
    [
      'an effect after the run gave its lease back',
      ['outside-its-lease'],
      ({ mutations }) => ({ mutations: [changed(run, 7), ...mutations.slice(1)] }),
    ],
    [
      'an effect of a run that was let in though its scope was stopped',
      ['acted-while-stopped'],
      () => ({ stops: [{ scope: 'class:restart', fromMs: at(10.5), toMs: at(20) }] }),
    ],
    [
      'a run with two outcomes',
      ['outcomes'],
      ({ ledger }) => ({
        ledger: ledger.flatMap((line) => {
          return line.run === run && line.kind === 'outcome' ? [line, line] : [line];
        }),
      }),
    ],
    [
      'a run that says it changed nothing and did',
      ['changed-though-withheld'],
      ({ ledger }) => ({
        ledger: ledger.map((line) => {
          return line.run === run && line.kind === 'outcome'
            ? { ...line, outcome: 'withheld' }
            : line;
        }),
      }),
    ],
    ['a lease that nobody gave back', ['not-ended'], () => ({ leases: [{ target, holder: run }] })],
    [
      'a workflow that never ended',
      ['workflow'],
      () => ({ workflows: [{ run, status: 'RUNNING' }] }),
    ],
  ])('sees %s', (_what, kinds, change) => {
    expect(kindsOf(spoilt(change))).toEqual(kinds);
  });

  test('sees two runs at one target', () => {
    const evidence = spoilt(({ ledger }) => ({
      ledger: ledger.map((line) => {
        const isEarly = line.run === other && line.recordedAtMs < at(12);
        return isEarly ? { ...line, recordedAtMs: line.recordedAtMs - 9_000 } : line;
      }),
    }));
    expect(kindsOf(evidence)).toEqual(['two-at-one-target']);
  });

  test('lets a run that was let in before the stop end what it began', () => {
    const stops = [{ scope: 'everything', fromMs: at(1.5), toMs: at(5) }];
    expect(kindsOf(spoilt(() => ({ stops })))).toEqual([]);
  });

  test('knows that a run which changed nothing gives its target back before it proposes anew', () => {
    const evidence = spoilt(({ ledger, mutations }) => ({
      ledger: ledger.map((line) => {
        if (line.run === run && line.kind === 'effect') return { ...line, applied: 'no' };
        const isLate = line.run === run && ['outcome', 'closed'].includes(line.kind);
        return isLate ? { ...line, recordedAtMs: line.recordedAtMs + 20_000 } : line;
      }),
      mutations: mutations.slice(1),
    }));
    expect(kindsOf(evidence)).toEqual([]);
  });

  test('counts what it saw, is not content, and tells the story of the first', () => {
    const evidence = spoilt(({ inbox, mutations }) => ({
      inbox: inbox.slice(1),
      mutations: [...mutations, changed(other, 12.5)],
    }));
    const violations = judge(evidence);
    const none = { retries: 0, refused: [], struck: [], secondAttempts: 0, endedByThemselves: {} };
    const counted = { seed: 1, asked: 2, alerts: 2, stormMs: 60_000, wholeMs: 90_000, ...none };
    const report = reportOf(counted, evidence, violations);
    expect(report).toMatchObject({ runs: 2, acknowledged: 2, lost: 1, doubles: 1, ok: false });
    const double = violations.find(({ kind }) => kind === 'double');
    if (double === undefined) throw new Error('the double was not seen');
    const story = storyOf(double, evidence);
    expect(story.match(/THE WORLD/g)).toHaveLength(2);
    expect(story).toContain('intent');
  });
});
