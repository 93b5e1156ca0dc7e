/** `belay new runbook`: what it writes compiles, its story passes, it is listed once, and nothing is overwritten. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { belay } from './recorded-terminal.js';

const copied = [
  ...['workflows', 'runbooks', 'activities', 'test/support', 'policies', 'scripts/setup'],
  ...['package.json', 'jest.config.js', 'tsconfig.json', 'tsconfig.base.json', '.prettierrc.json'],
];
let project = '';

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'belay-new-'));
  for (const path of copied) cpSync(path, join(project, path), { recursive: true });
  symlinkSync(resolve('node_modules'), join(project, 'node_modules'));
});

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

const fresh = () => ['new', 'runbook', 'drain-node', '--alert', 'NodeFull', '--folder', project];
const read = (file: string) => readFileSync(join(project, file), 'utf8');

function tool(name: string, args: readonly string[]): { status: number | null; said: string } {
  const program = resolve('node_modules/.bin', name);
  const env = { ...process.env, NODE_OPTIONS: '--experimental-vm-modules' };
  const ran = spawnSync(program, args, { cwd: project, encoding: 'utf8', env });
  return { status: ran.status, said: `${ran.stdout}${ran.stderr}` };
}

test('writes code, test and manual, and lists the runbook in both places', async () => {
  const said = await belay([...fresh(), '--json']);
  expect(said).toMatchObject({ exit: 0, err: '' });
  expect(JSON.parse(said.out)).toMatchObject({
    runbook: 'drain-node',
    written: ['index.ts', 'README.md', 'drain-node.test.ts'].map(
      (file) => `runbooks/drain-node/${file}`,
    ),
  });
  const catalogue = read('runbooks/index.ts');
  expect(catalogue).toContain("import { drainNode } from './drain-node/index.js';");
  expect(catalogue).toMatch(/\[\s*drainNode, restartService, tuneRetries\s*\]/);
  expect(read('workflows/index.ts')).toContain(
    'export const drainNode = workflowOf(drainNodeRunbook);',
  );
});

test('what it writes is typed, formatted, and its story passes', () => {
  const written = ['runbooks/index.ts', 'workflows/index.ts', 'runbooks/drain-node'];
  expect(tool('prettier', ['--check', ...written])).toMatchObject({ status: 0 });
  expect(tool('tsc6', ['-p', 'workflows/tsconfig.json'])).toEqual({ status: 0, said: '' });
  const files = ['runbooks/drain-node/drain-node.test.ts'];
  const compilerOptions = { types: ['node'], allowJs: true };
  const program = { extends: './tsconfig.base.json', compilerOptions, files };
  writeFileSync(join(project, 'tsconfig.new.json'), JSON.stringify(program));
  expect(tool('tsc6', ['-p', 'tsconfig.new.json'])).toEqual({ status: 0, said: '' });
  const test = tool('jest', ['runbooks/drain-node']);
  expect(test.said).toContain('1 passed');
  expect(test.status).toBe(0);
});

test('refuses to write over a runbook', async () => {
  writeFileSync(join(project, 'runbooks/drain-node/README.md'), 'ours');
  const said = await belay(fresh());
  expect(said.exit).toBe(1);
  expect(said.err).toContain('is there already');
  expect(read('runbooks/drain-node/README.md')).toBe('ours');
});

test('lists it once, however often', async () => {
  rmSync(join(project, 'runbooks/drain-node'), { recursive: true });
  const before = { catalogue: read('runbooks/index.ts'), workflows: read('workflows/index.ts') };
  expect(await belay(fresh())).toMatchObject({ exit: 0 });
  expect({ catalogue: read('runbooks/index.ts'), workflows: read('workflows/index.ts') }).toEqual(
    before,
  );
});

test('outside a project it says where to go', async () => {
  const said = await belay(['new', 'runbook', 'drain-node', '--folder', tmpdir()]);
  expect(said.exit).toBe(2);
  expect(said.err).toContain('is no project of Belay');
});
