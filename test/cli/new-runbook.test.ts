/**
 * `belay new runbook`, from a name and from alerts of any sender: what it writes compiles, is formatted, passes the project's
 * own tests and is listed once; text of an alert stays text, and nothing is overwritten.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sourceNames } from '../../scripts/cli/alert-source.js';
import { nameFrom } from '../../scripts/cli/new/naming.js';
import { belay, documentOf } from './recorded-terminal.js';

const copied = [
  ...['workflows', 'runbooks', 'activities', 'workers', 'policies', 'scripts'],
  ...['support', 'stories', 'unwind', 'structure', 'replay'].map((folder) => `test/${folder}`),
  ...['docs/why-it-did-not-act.md'],
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

const create = (...args: string[]) => ['new', 'runbook', ...args, '--folder', project];
const fresh = () => create('drain-node', '--alert', 'NodeFull');
const read = (file: string) => readFileSync(join(project, file), 'utf8');
const firing = 'test/fixtures/alertmanager/alertmanager-v4-prometheus-firing.json';
const mixed = 'test/fixtures/alertmanager/alertmanager-v4-group-mixed.json';

function tool(name: string, args: readonly string[]): { status: number | null; said: string } {
  const program = resolve('node_modules/.bin', name);
  const env = { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --no-warnings' };
  const ran = spawnSync(program, args, { cwd: project, encoding: 'utf8', env });
  return { status: ran.status, said: `${ran.stdout}${ran.stderr}` };
}

/** A line of `belay parse`, with what a test wants to be different. */
async function lineWith(change: Record<string, unknown>): Promise<string> {
  const { out } = await belay(['parse', 'alertmanager', firing]);
  return JSON.stringify({ ...(JSON.parse(out) as object), ...change });
}

/** Whatever would end a string, a comment, a template or a code span, and a label that would be a prototype. */
const hostile = `Disk's "full" \`\${1}\` */ \\ $& on`;
const made: string[] = [];

test('writes code, test, manual, story and transcript, and lists the runbook in all places', async () => {
  const said = await belay([...fresh(), '--json']);
  expect(said).toMatchObject({ exit: 0, err: '' });
  expect(documentOf(said)).toMatchObject({
    runbook: 'drain-node',
    handles: { alertname: 'NodeFull' },
    written: [
      ...['index.ts', 'README.md', 'drain-node.test.ts'].map(
        (file) => `runbooks/drain-node/${file}`,
      ),
      ...['test/stories/drain-node.story.ts', 'test/stories/drain-node.golden.txt'],
    ],
  });
  const catalogue = read('runbooks/index.ts');
  expect(catalogue).toContain("import { drainNode } from './drain-node/index.js';");
  expect(catalogue).toMatch(/readonly Runbook\[\] = \[[^\]]*\bdrainNode\b/);
  expect(read('workflows/index.ts')).toContain(
    'export const drainNode = workflowOf(drainNodeRunbook);',
  );
  expect(read('test/unwind/harness.ts')).toContain("\n  'drain-node': {\n");
  made.push('drain-node');
});

describe('from an alert', () => {
  test('the body of a sender names the runbook and what it handles', async () => {
    const said = await belay([...create('--from-alert', mixed, '--fingerprint', 'NONE'), '--json']);
    expect(said).toMatchObject({ exit: 2, out: '' });
    expect(said.err).toMatch(/--fingerprint: .*HighLatency/);
    const { alerts } = JSON.parse(readFileSync(mixed, 'utf8')) as {
      alerts: { fingerprint: string; labels: { alertname: string } }[];
    };
    const meant = alerts.find(({ labels }) => labels.alertname === 'HighLatency');
    const chosen = await belay([
      ...create('--from-alert', mixed, '--fingerprint', meant?.fingerprint ?? ''),
      '--json',
    ]);
    expect(chosen).toMatchObject({ exit: 0, err: '' });
    expect(documentOf(chosen)).toMatchObject({
      runbook: 'high-latency',
      alertname: 'HighLatency',
      handles: { alertname: 'HighLatency' },
    });
    expect(read('runbooks/high-latency/alert.jsonl')).toContain('"name":"HighLatency"');
    made.push('high-latency');
  });

  const names = new Set<string>();
  // a generic body is read by a mapping, and which those are a project says itself
  const others = sourceNames.filter((source) => !['alertmanager', 'generic'].includes(source));
  test.each(others.map((source) => ({ source })))(
    'a body of $source will do',
    async ({ source }) => {
      const folder = join('test/intake/bodies', source);
      const file = readdirSync(folder).find((name) => /firing/.test(name)) ?? '';
      const body = readFileSync(join(folder, file), 'utf8');
      const { out } = await belay(['parse', source, join(folder, file)]);
      const { name } = JSON.parse(out.split('\n')[0] ?? '') as { name: string };
      // the runbooks it is told from are those of this build: not the ones made a moment ago
      const input = names.has(name) ? body.replaceAll(name, `${name}Too`) : body;
      names.add(name);
      const args = create(`from-${source}`, '--from-alert', '-', '--source', source);
      expect(await belay(args, { input })).toMatchObject({ exit: 0, err: '' });
      made.push(`from-${source}`);
    },
  );

  test('a name that holds the value of a label is told to whoever relies on it', async () => {
    const name = 'Nginx is down on web-03';
    const input = await lineWith({ name, labels: { host: 'web-03', tier: 'web' } });
    const said = await belay(create('start-nginx', '--from-alert', '-'), { input });
    expect(said).toMatchObject({ exit: 0, err: '' });
    expect(said.out).toContain("its alert's name holds its host");
    made.push('start-nginx');
  });

  test('what an alert says stays text, in code, tests, story and manual', async () => {
    const labels = { alertname: hostile, zone: 'a' };
    const annotations = { summary: '`x` </script> *bold* ``', description: 'two\nlines | [a](b)' };
    const name = hostile;
    const input = await lineWith({ name, labels, annotations, service: 'unknown' });
    const said = await belay(create('fill-disk', '--from-alert', '-'), { input });
    expect(said).toMatchObject({ exit: 0, err: '' });
    expect(said.out).toContain('names no service');
    expect(read('runbooks/fill-disk/alert.jsonl')).not.toContain('script');
    made.push('fill-disk');
  });
});

test('what it writes is typed, formatted, and passes the tests of the project', () => {
  const folders = made.map((name) => `runbooks/${name}`);
  const stories = made.map((name) => `test/stories/${name}.story.ts`);
  const lists = ['runbooks/index.ts', 'workflows/index.ts', 'test/unwind/harness.ts'];
  expect(tool('prettier', ['--check', ...lists, ...folders, ...stories])).toMatchObject({
    status: 0,
  });
  const tests = made.map((name) => `runbooks/${name}/${name}.test.ts`);
  const files = [...tests, ...stories, 'test/unwind/harness.ts', 'workflows/index.ts'];
  const compilerOptions = { types: ['node'], allowJs: true };
  const program = { extends: './tsconfig.base.json', compilerOptions, files };
  writeFileSync(join(project, 'tsconfig.new.json'), JSON.stringify(program));
  expect(tool('tsc6', ['-p', 'workflows/tsconfig.json'])).toEqual({ status: 0, said: '' });
  expect(tool('tsc6', ['-p', 'tsconfig.new.json'])).toEqual({ status: 0, said: '' });
  const suites = [
    'stories/stories',
    'unwind/unwind',
    'structure/(proof|words|routing)',
    'replay/replay',
  ];
  const paths = ['runbooks/', ...suites.map((path) => `test/${path}\\.test`)];
  const titles = [...made, 'exists for every released', 'of the vocabulary', 'of the shipped'];
  const ran = tool('jest', ['--runInBand', ...paths, '-t', titles.join('|')]);
  expect({ status: ran.status, said: ran.status === 0 ? '' : ran.said }).toEqual({
    status: 0,
    said: '',
  });
  const passed = Number(/^Tests:.* (\d+) passed/m.exec(ran.said)?.[1]);
  // two of its own, a story, three proofs, and the unwind harness
  expect(passed).toBeGreaterThan(made.length * 15);
}, 120_000);

test('refuses to write over a runbook or a story', async () => {
  writeFileSync(join(project, 'runbooks/drain-node/README.md'), 'ours');
  const said = await belay(fresh());
  expect(said.exit).toBe(1);
  expect(said.err).toContain('is there already');
  expect(read('runbooks/drain-node/README.md')).toBe('ours');
  const story = await belay(create('healed-alone', '--alert', 'AnyName'));
  expect(story).toMatchObject({ exit: 1, out: '' });
  expect(existsSync(join(project, 'runbooks/healed-alone'))).toBe(false);
});

test('lists it once, however often', async () => {
  rmSync(join(project, 'runbooks/drain-node'), { recursive: true });
  for (const ending of ['story.ts', 'golden.txt']) {
    rmSync(join(project, `test/stories/drain-node.${ending}`));
  }
  const lists = ['runbooks/index.ts', 'workflows/index.ts', 'test/unwind/harness.ts'];
  const before = lists.map(read);
  expect(await belay(fresh())).toMatchObject({ exit: 0 });
  expect(lists.map(read)).toEqual(before);
});

describe('refuses', () => {
  test('an alert that another runbook takes, and says which', async () => {
    for (const args of [
      ['--from-alert', firing],
      ['down-again', '--alert', 'ServiceDown'],
    ]) {
      const said = await belay(create(...args));
      expect(said).toMatchObject({ exit: 1, out: '' });
      expect(said.err).toContain('restart-service takes such alerts already');
    }
  });

  test.each([
    [
      'a name that holds a moment',
      { name: 'Down since 2026-11-21T01:03:41Z' },
      'a moment or an id',
    ],
    ['a name of several lines', { name: 'Down\nand out' }, 'is no alert name'],
    ['a name nobody can type', { name: 'x'.repeat(200) }, 'more than 100 characters'],
    ['a name without a letter of ours', { name: '磁盘已满' }, 'give one before --from-alert'],
  ])('%s', async (_, change, why) => {
    const said = await belay(create('--from-alert', '-'), { input: await lineWith(change) });
    expect(said).toMatchObject({ exit: 2, out: '' });
    expect(said.err).toContain(why);
  });

  test('a body without any alert', async () => {
    const said = await belay(create('--from-alert', '-'), { input: '{}' });
    expect(said).toMatchObject({ exit: 1, out: '' });
  });

  test('a folder that is no project, and says where to go', async () => {
    const said = await belay(['new', 'runbook', 'drain-node', '--folder', tmpdir()]);
    expect(said.exit).toBe(2);
    expect(said.err).toContain('is no project of Belay');
  });
});

test.each([
  ['HighLatency', 'high-latency'],
  ['KubeJobFailed', 'kube-failed'],
  ['CPU > 90% on db', 'cpu-90-on-db'],
  ['Watchdog', 'alert-watchdog'],
  ['5xxRate', 'alert-5xx-rate'],
  ['Überlast der Warteschlange im Rechenzentrum', 'uberlast-der-warteschlange-im'],
])('of %s the name %s is made', (alertname, name) => {
  expect(nameFrom(alertname)).toBe(name);
});
