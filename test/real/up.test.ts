/** `belay up` as a process of its own: other terminals find it, what dies is started again, and it takes everything with it. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readUpFile, upFileIn } from '../../scripts/engine/up-file.js';
import { freePort } from '../../scripts/servers/port.js';
import { belay, documentOf } from '../cli/recorded-terminal.js';

interface Ready {
  readonly ready: boolean;
  readonly intakeUrl: string;
  readonly workerUrl: string;
  readonly temporalAddress: string;
  readonly enginePid: number;
}

const folder = mkdtempSync(join(tmpdir(), 'belay-up-'));
/** Another terminal in the same folder: no address in its environment. */
const env = { BELAY_STATE_FOLDER: folder };
let up: ChildProcess;
let ended: Promise<number | null>;
let ready: Ready;

beforeAll(async () => {
  execFileSync(process.execPath, ['scripts/build.mjs']);
  const BELAY_INTAKE_PORT = String(await freePort());
  up = spawn(process.execPath, ['dist/scripts/belay.js', 'up', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env, BELAY_INTAKE_PORT },
  });
  ended = new Promise((done) => up.once('exit', done));
  ready = await firstLine(up);
}, 120_000);

afterAll(async () => {
  up.kill('SIGKILL');
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

function firstLine({ stdout }: ChildProcess): Promise<Ready> {
  if (stdout === null) throw new Error('it has no output');
  return new Promise((done) => {
    createInterface({ input: stdout }).once('line', (line) => {
      done(JSON.parse(line) as Ready);
    });
  });
}

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  for (let look = 0; look < 150; look += 1) {
    if (await holds()) return;
    await sleep(200);
  }
  throw new Error('it did not get there within 30 s');
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function isReady(): Promise<boolean> {
  const asked = [ready.intakeUrl, ready.workerUrl].map((url) => fetch(`${url}/readyz`));
  const answers = await Promise.allSettled(asked);
  return answers.every((answer) => answer.status === 'fulfilled' && answer.value.ok);
}

/** The process that wrote last into a log. */
function writerOf(log: string): number {
  const lines = readFileSync(join(folder, log), 'utf8').trimEnd().split('\n');
  return (JSON.parse(lines.at(-1) ?? '{}') as { pid: number }).pid;
}

test('is ready when it says so, and prints no secret', async () => {
  expect(ready).toMatchObject({ v: 1, ready: true });
  expect(await isReady()).toBe(true);
  const { databaseUrl, token } = readUpFile(folder) ?? { databaseUrl: '', token: '' };
  expect(token.length).toBeGreaterThan(20);
  expect(JSON.stringify(ready)).not.toContain(token);
  expect(JSON.stringify(ready)).not.toContain(new URL(databaseUrl).password);
});

test('its addresses are found from another terminal, in a file only its owner may read', async () => {
  expect(statSync(upFileIn(folder)).mode & 0o077).toBe(0);
  const said = await belay(['doctor', '--json'], { env });
  const { findings } = documentOf(said) as { findings: { state: string }[] };
  expect(findings.filter(({ state }) => state === 'fail')).toEqual([]);
  expect(said.exit).toBe(0);
  const body = readFileSync('test/fixtures/alertmanager/alertmanager-v4-group-mixed.json', 'utf8');
  const fired = await belay(['fire', '-', '--now'], { env, input: body });
  expect(fired).toMatchObject({ exit: 0, out: '2 alerts accepted\n' });
});

test('a second one in the same folder is refused and names the first', async () => {
  const said = await belay(['up', '--folder', folder]);
  expect(said.exit).toBe(1);
  expect(said.err).toContain(`process ${up.pid ?? 0}`);
});

test('a process that is killed is started again', async () => {
  process.kill(ready.enginePid, 'SIGKILL');
  await until(() => !isAlive(ready.enginePid));
  await until(isReady);
  await until(async () => (await belay(['doctor'], { env })).exit === 0);
}, 90_000);

test('told to end while it starts a process again, it stops everything, in order, and leaves no address behind', async () => {
  const engine = writerOf('engine.log');
  process.kill(engine, 'SIGKILL');
  await until(() => !isAlive(engine));
  await sleep(700); // the pause before the restart is over, the process is not ready yet
  const toldAtMs = Date.now();
  up.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(Date.now() - toldAtMs).toBeLessThan(20_000);
  expect(existsSync(upFileIn(folder))).toBe(false);
  expect(await isReady()).toBe(false);
  const said = await belay(['runs'], { env });
  expect(said.exit).toBe(3);
}, 60_000);
