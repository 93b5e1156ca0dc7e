/** A program of scripts/ built for a test file and run as people run it. Its servers are its own: none of ours are handed on. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll } from '@jest/globals';

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Nobody's servers, and no flags of Jest's own: empty is as good as not set. */
const bare = { TEMPORAL_ADDRESS: '', DATABASE_URL: '', NODE_OPTIONS: '' };

/** Builds `scripts/<name>.ts` before the tests of this file and removes it after them. Answers how to run it. */
export function builtProgram(
  name: string,
): (args: readonly string[], given?: Readonly<Record<string, string>>) => Promise<Ended> {
  const root = process.cwd();
  mkdirSync(join(root, 'dist'), { recursive: true });
  // as deep as the built program lies, since it finds the converter from there
  const folder = mkdtempSync(join(root, 'dist', `${name}-test-`));
  const program = join(folder, `${name}.js`);
  beforeAll(async () => {
    await build({
      entryPoints: [join(root, `scripts/${name}.ts`)],
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
  return (args, given = {}) => run([program, ...args], given);
}

function run(args: readonly string[], given: Readonly<Record<string, string>>): Promise<Ended> {
  const child = spawn(process.execPath, args, { env: { ...process.env, ...bare, ...given } });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve) => child.once('exit', (code) => resolve({ code, out, err })));
}
