/** The demo as a stranger runs it: a real process dies, real monitors say so, and all five scenarios come out as named. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from '../../scripts/build.mjs';

interface Shown {
  readonly scenarios: readonly {
    readonly name: string;
    readonly outcome: string;
    readonly why?: string;
    readonly alertToEffectMs: number | null;
    readonly alertToOutcomeMs: number;
  }[];
  readonly ok: boolean;
}

const withinMs = 300_000;

describe('the demo, on real supervisord, Prometheus, Alertmanager, Temporal and PostgreSQL', () => {
  const folder = mkdtempSync(join(tmpdir(), 'belay-demo-'));
  let shown: Shown;
  let story = '';

  beforeAll(async () => {
    await build();
    const { stdout, stderr } = await run(['--once', '--json'], folder);
    story = stderr;
    shown = JSON.parse(stdout) as Shown;
  }, withinMs);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each([
    ['heals-alone', 'resolved'],
    ['approved-by-a-person', 'resolved'],
    ['does-not-help', 'undone'],
    ['nobody-answers', 'withheld'],
    ['worker-dies', 'resolved'],
  ])('%s ends %s', (name, outcome) => {
    const scenario = shown.scenarios.find((played) => played.name === name);
    expect({ name, outcome: scenario?.outcome, why: scenario?.why }).toEqual({ name, outcome });
    expect(scenario?.alertToOutcomeMs).toBeGreaterThan(0);
  });

  test('it says that all is as named, in one JSON line, and tells the story beside it', () => {
    expect(shown.ok).toBe(true);
    expect(shown.scenarios).toHaveLength(5);
    expect(story).toContain('supervisord started it once');
    expect(story).toContain('byte for byte');
  });
});

/** One line on standard output, whatever the code it ends with. */
function run(args: readonly string[], folder: string): Promise<{ stdout: string; stderr: string }> {
  const env = { ...process.env, BELAY_STATE_FOLDER: folder };
  const child = spawn(process.execPath, ['dist/scripts/demo.js', ...args], { env });
  const said = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', () => done(said));
  });
}
