/** The bench runs end to end and tells its figures in the promised form. What the numbers are is not a test's business. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const root = process.cwd();
mkdirSync(join(root, 'dist'), { recursive: true });
/** As deep as the built program lies, since it finds the converter from there. */
const folder = mkdtempSync(join(root, 'dist', 'bench-test-'));
const program = join(folder, 'bench.js');

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Nobody's servers: empty is as good as not set. */
const noServers = { TEMPORAL_ADDRESS: '', DATABASE_URL: '' };

function bench(args: readonly string[], given: Record<string, string> = {}): Promise<Ended> {
  const env = { ...process.env, ...noServers, ...given };
  const child = spawn(process.execPath, [program, ...args], { env });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve) => child.once('exit', (code) => resolve({ code, out, err })));
}

beforeAll(async () => {
  await build({
    entryPoints: [join(root, 'scripts/bench.ts')],
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
