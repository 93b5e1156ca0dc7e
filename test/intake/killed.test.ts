/** The intake as a process of its own that is killed under load: whatever was acknowledged is in the inbox. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import type { Db } from '../../activities/store/db.js';
import { freePort } from '../../scripts/servers/port.js';
import { startPostgres } from '../../scripts/servers/postgres.js';
import type { PostgresServer } from '../../scripts/servers/postgres.js';
import {
  eventually,
  groupOf,
  openDb,
  post,
  rowsOf,
  temporaryFolder,
  token,
} from '../support/intake.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = `${root}dist/test/intake.js`;
const folder = temporaryFolder('intake-killed');
const sendersAtOnce = 16;
let postgres: PostgresServer;
let db: Db;
let url: string;

beforeAll(async () => {
  await build({
    entryPoints: [`${root}workers/intake.ts`],
    outfile: program,
    bundle: true,
    packages: 'external',
    format: 'esm',
    platform: 'node',
    target: 'node20',
  });
  postgres = await startPostgres({ dataFolder: folder.path });
  db = openDb({ url: postgres.url });
  url = `http://127.0.0.1:${await freePort()}`;
});

afterAll(async () => {
  await db.destroy();
  await postgres.stop();
  folder.remove();
});

/** Nobody listens where its Temporal should be, so everything it acknowledges stays in the inbox. */
async function startedProcess(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program], {
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: postgres.url,
      TEMPORAL_ADDRESS: '127.0.0.1:1',
      BELAY_INTAKE_PORT: new URL(url).port,
      BELAY_ALERTMANAGER_TOKENS: token,
    },
  });
  const look = async (): Promise<boolean> => {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    return answer?.status === 200;
  };
  await eventually(look, (isReady) => isReady);
  return child;
}

interface Load {
  readonly acknowledged: ReadonlySet<string>;
  stop(): Promise<void>;
}

/** Senders that keep sending new alerts and remember which were acknowledged. */
function underLoad(name: string): Load {
  const acknowledged = new Set<string>();
  let running = true;
  const sender = async (number: number): Promise<void> => {
    for (let n = 0; running; n += 1) {
      const fingerprint = `${name}-${number}-${n}`;
      const answer = await post(url, groupOf({ fingerprint })).catch(() => undefined);
      if (answer?.status === 202) acknowledged.add(fingerprint);
      else await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const all = Array.from({ length: sendersAtOnce }, (_, number) => sender(number));
  return {
    acknowledged,
    async stop() {
      running = false;
      await Promise.all(all);
    },
  };
}

async function lostOf(load: Load): Promise<string[]> {
  const kept = new Set((await rowsOf(db)).map(({ fingerprint }) => fingerprint));
  return [...load.acknowledged].filter((fingerprint) => !kept.has(fingerprint));
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

test('killed five times under load it has lost no alert that it acknowledged', async () => {
  const load = underLoad('killed');
  for (let kill = 0; kill < 5; kill += 1) {
    const before = load.acknowledged.size;
    const child = await startedProcess();
    await new Promise((resolve) => setTimeout(resolve, 200 + Math.random() * 500));
    child.kill('SIGKILL');
    await ended(child);
    expect(load.acknowledged.size).toBeGreaterThan(before);
  }
  await load.stop();
  expect(await lostOf(load)).toEqual([]);
}, 120_000);

test('told to stop it answers what is under way, loses nothing and ends well', async () => {
  const child = await startedProcess();
  const load = underLoad('stopped');
  await eventually(
    () => Promise.resolve(load.acknowledged.size),
    (size) => size > 100,
  );
  child.kill('SIGTERM');
  expect(await ended(child)).toBe(0);
  await load.stop();
  expect(await lostOf(load)).toEqual([]);
}, 60_000);

test('without a secret it does not start and says which setting is missing', async () => {
  const child = spawn(process.execPath, [program], {
    env: { PATH: process.env['PATH'], DATABASE_URL: postgres.url, BELAY_INTAKE_PORT: '0' },
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  expect(await ended(child)).toBe(1);
  expect(said).toContain('BELAY_ALERTMANAGER_TOKENS or BELAY_ALERTMANAGER_BASIC');
  expect(said).toContain('is not set, so nobody could send alerts');
  expect(said).not.toContain(new URL(postgres.url).password);
});
