/** Chaos end to end, in small: two hundred runs on real servers and processes that are killed, paused and cut off meanwhile. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Report } from '../../scripts/chaos/oracle/report.js';

const root = process.cwd();
mkdirSync(join(root, 'dist'), { recursive: true });
/** As deep as the built program lies, since it finds the converter from there. */
const folder = mkdtempSync(join(root, 'dist', 'chaos-test-'));
const program = join(folder, 'chaos.js');

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Nobody's servers: empty is as good as not set. */
const noServers = { TEMPORAL_ADDRESS: '', DATABASE_URL: '' };

function chaos(args: readonly string[], given: Record<string, string> = {}): Promise<Ended> {
  const env = { ...process.env, NODE_OPTIONS: '', ...noServers, ...given };
  const child = spawn(process.execPath, [program, ...args], { env });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve) => child.once('exit', (code) => resolve({ code, out, err })));
}

beforeAll(async () => {
  await build({
    entryPoints: [join(root, 'scripts/chaos.ts')],
    outfile: program,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
  });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

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
