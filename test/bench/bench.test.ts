/** The bench runs end to end and tells its figures in the promised form. What the numbers are is not a test's business. */
import { describe, expect, test } from '@jest/globals';
import { builtProgram } from '../support/built-program.js';

const bench = builtProgram('bench');

describe('the bench', () => {
  test('prints one line of JSON for each figure, and nothing else, on standard output', async () => {
    const { code, out, err } = await bench(['--only', 'floor', '--quick', '--json']);
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
    const figures = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(figures.map(({ name }) => name)).toEqual([
      'temporal-floor-p50-at-20',
      'temporal-floor-p99-at-20',
      'temporal-floor-p50-at-40',
      'temporal-floor-p99-at-40',
      'temporal-untuned-p50-at-20',
      'temporal-untuned-p99-at-20',
      'temporal-untuned-over-tuned-p50-at-20',
    ]);
    for (const figure of figures) {
      const ofRatios = figure['unit'] === 'x' ? ['better'] : [];
      expect(Object.keys(figure)).toEqual(['name', 'value', 'unit', 'goal', 'ok', ...ofRatios]);
      expect(figure['value']).toBeGreaterThan(0);
    }
  }, 120_000);

  test('refuses a family that there is not, and lists those that there are', async () => {
    const { code, out, err } = await bench(['--only', 'speed']);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('there is no family "speed"');
    expect(err).toContain('burst');
  });

  test('refuses to fire its alerts at servers that it did not start', async () => {
    const foreign = { DATABASE_URL: 'postgres://somebody@example.invalid/production' };
    const { code, out, err } = await bench(['--only', 'floor', '--quick'], foreign);
    expect({ code, out: out.split('\n')[0] }).toEqual({ code: 1, out: '' });
    expect(err).toContain('DATABASE_URL is set');
    expect(err).not.toContain('production');
  });
});
