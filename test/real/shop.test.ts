/** The demo's shop and payments as real processes: the storm outlives its cause, calmer retries end it. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { shopJson } from '../../scripts/demo/shop/config.js';
import { sampleOf, type Sample } from '../../scripts/demo/shop/probe-log.js';
import { freePort } from '../../scripts/servers/port.js';

const sources = fileURLToPath(new URL('../../scripts/demo/shop/', import.meta.url));
const children: ChildProcess[] = [];
let folder: string;
let shopUrl: string;
let paymentsUrl: string;

function start(program: string, args: readonly string[]): void {
  children.push(spawn(process.execPath, [join(folder, `${program}.mjs`), ...args]));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'belay-shop-'));
  await build({
    entryPoints: ['shop', 'payments'].map((name) => join(sources, `${name}.ts`)),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
  });
  await writeFile(join(folder, 'shop.json'), shopJson);
  const ports = { shop: await freePort(), payments: await freePort() };
  shopUrl = `http://127.0.0.1:${ports.shop}`;
  paymentsUrl = `http://127.0.0.1:${ports.payments}`;
  start('payments', ['--port', `${ports.payments}`]);
  const config = join(folder, 'shop.json');
  start('shop', ['--port', `${ports.shop}`, '--payments', paymentsUrl, '--config', config]);
  await until(async () => (await fetch(`${shopUrl}/healthz`)).ok, 'the shop answers');
});

afterAll(async () => {
  const ended = children.map((child) => once(child, 'exit'));
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(ended);
  await rm(folder, { recursive: true });
});

async function until(holds: () => Promise<boolean>, what: string): Promise<void> {
  const giveUpAtMs = Date.now() + 20_000;
  while (Date.now() < giveUpAtMs) {
    if (await holds().catch(() => false)) return;
    await sleep(100);
  }
  throw new Error(`not within 20 s: ${what}`);
}

async function sampled(): Promise<Sample> {
  const sample = sampleOf(await (await fetch(`${shopUrl}/metrics`)).text());
  if (sample === undefined) throw new Error('the shop has no metrics');
  return sample;
}

/** What the next second's customers met. */
async function nextSecond(): Promise<Sample> {
  const before = await sampled();
  await sleep(1000);
  const after = await sampled();
  return {
    served: after.served - before.served,
    failed: after.failed - before.failed,
    attempts: after.attempts - before.attempts,
  };
}

const faulty = (failAll: 'yes' | 'no') =>
  fetch(`${paymentsUrl}/fault`, {
    method: 'POST',
    body: JSON.stringify({ failAll: failAll === 'yes' }),
  });

async function reloadWith(retries: number): Promise<void> {
  await writeFile(join(folder, 'shop.json'), shopJson.replace(': 5', `: ${retries}`));
  expect((await fetch(`${shopUrl}/-/reload`, { method: 'POST' })).status).toBe(200);
}

const isServing = async () => (await nextSecond()).failed === 0;

test('a storm of retries outlives its cause, and calmer retries end it for good', async () => {
  await until(isServing, 'customers are served');
  await faulty('yes');
  await sleep(2000);
  await faulty('no');
  await sleep(3000);
  const storm = await nextSecond();
  expect(storm.served).toBe(0);
  expect(storm.attempts / storm.failed).toBeGreaterThan(5);
  await reloadWith(3);
  await until(isServing, 'customers are served again');
  await reloadWith(5);
  await sleep(1500);
  expect((await nextSecond()).failed).toBe(0);
});

test('a wrong configuration is refused, and the old one goes on', async () => {
  await writeFile(join(folder, 'shop.json'), '{"retries": -1}');
  const answer = await fetch(`${shopUrl}/-/reload`, { method: 'POST' });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toMatch(/must be a number from 0 to 10/);
  expect(await isServing()).toBe(true);
});

test('a wedged shop runs on and answers nothing', async () => {
  await fetch(`${shopUrl}/wedge`, { method: 'POST' });
  const asked = fetch(`${shopUrl}/healthz`, { signal: AbortSignal.timeout(500) });
  await expect(asked).rejects.toThrow(/timeout/i);
  expect(children.every((child) => child.exitCode === null)).toBe(true);
});
