/** Chaos end to end, in small: two hundred runs on real servers and processes that are killed, paused and cut off meanwhile. */
import { describe, expect, test } from '@jest/globals';
import type { Report } from '../../scripts/chaos/oracle/report.js';
import { builtProgram } from '../support/built-program.js';

const chaos = builtProgram('chaos');

describe('chaos', () => {
  test('two hundred runs: nothing lost, nothing done twice, no guard broken, everything ended', async () => {
    const { code, out, err } = await chaos([
      '--runs',
      '200',
      '--seed',
      '20261121',
      '--quick',
      '--json',
    ]);
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
    const report = JSON.parse(out) as Report;
    expect(report).toMatchObject({ lost: 0, doubles: 0, violations: 0, ok: true });
    expect(report.runs).toBeGreaterThanOrEqual(150);
    expect(report.effects).toBeGreaterThan(report.runs / 3);
    expect(report.struck.length).toBeGreaterThan(15);
    expect(report.outcomes['resolved']).toBeGreaterThan(report.runs / 3);
  }, 480_000);

  test('refuses to break servers that it did not start', async () => {
    const foreign = { DATABASE_URL: 'postgres://somebody@example.invalid/production' };
    const { code, err } = await chaos(['--runs', '1', '--quick'], foreign);
    expect(code).toBe(1);
    expect(err).toContain('DATABASE_URL is set');
    expect(err).not.toContain('production');
  });

  test('says what is wrong with a number that is none', async () => {
    const { code, err } = await chaos(['--runs', 'many']);
    expect({ code, err: err.trim() }).toEqual({
      code: 2,
      err: '--runs wants a whole number, not "many"',
    });
  });
});
