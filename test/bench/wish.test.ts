/** How the bench's command line is read, and how its raw numbers and its table are written. */
import { describe, expect, test } from '@jest/globals';
import { figureOf } from '../../scripts/bench/rig/figure.js';
import { rawLines } from '../../scripts/bench/run/raw.js';
import { tableOf } from '../../scripts/bench/run/table.js';
import { readWish, type Wish } from '../../scripts/bench/run/wish.js';

function wished(...args: string[]): Wish {
  const wish = readWish(args);
  if (typeof wish === 'string') throw new Error(wish);
  return wish;
}

describe('the bench', () => {
  test('downloads nobody else’s programs unless it is told to', () => {
    const names = wished().chosen.map(({ name }) => name);
    expect(names).toContain('ledger');
    expect(names).not.toContain('peers');
    expect(wished('--only', 'peers').chosen.map(({ name }) => name)).toEqual(['peers']);
  });

  test.each([[['--quick', '--long']], [['--quick', '--write-baseline']], [['--fast']]])(
    'refuses %j with a sentence',
    (args) => {
      expect(readWish(args)).toEqual(expect.any(String));
    },
  );

  test('goes to the ends of the growth curves only when told', () => {
    expect(wished().size.waitingRuns.at(-1)).toBe(1_000);
    expect(wished('--long').size.waitingRuns.at(-1)).toBe(10_000);
    expect(wished('--long').size.ledgerEntries.at(-1)).toBe(10_000_000);
    expect(wished().size.runbooks).toEqual([10, 100, 1_000]);
  });
});

describe('raw numbers', () => {
  test('are the run, its samples, its figures and what was skipped, a line each', () => {
    const lines = rawLines(
      {
        machine: '2 x something',
        figures: [figureOf({ name: 'a', value: 1, unit: 'ms' })],
        ground: {
          kept: [{ what: 'a', perSecond: 5, round: 1, ms: [1.23456] }],
          skipped: [{ name: 'b', why: 'not here' }],
        },
        wish: wished('--only', 'floor'),
      },
      new Date(0),
    );
    expect(lines).toEqual([
      {
        is: 'run',
        at: '1970-01-01T00:00:00.000Z',
        machine: '2 x something',
        size: 'whole',
        families: ['floor'],
      },
      { is: 'samples', what: 'a', perSecond: 5, round: 1, ms: [1.23] },
      { is: 'figure', name: 'a', value: 1, unit: 'ms', goal: null, ok: null },
      { is: 'skipped', name: 'b', why: 'not here' },
    ]);
  });
});

describe('the table', () => {
  test('has a column of notes only when there is something to note', () => {
    const plain = figureOf({ name: 'a', value: 1, unit: 'ms' });
    expect(tableOf([plain]).split('\n')[0]).toBe('| figure | value | unit | goal | ok |');
    const noted = figureOf({ name: 'b', value: 2, unit: 'ms', note: 'lost when it dies' });
    expect(tableOf([plain, noted])).toContain(
      '| b      |     2 | ms   |      |    | lost when it dies |',
    );
  });
});
