/**
 * The intake as a process of its own that is killed under load: whatever was acknowledged is in the inbox and has its run, once.
 * 50 kills; BELAY_LONG=1 makes them 1,000.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import type { Db } from '../../activities/store/db.js';
import { createInbox } from '../../activities/store/inbox.js';
import { freePort } from '../../scripts/servers/port.js';
import { startPostgres } from '../../scripts/servers/postgres.js';
import type { PostgresServer } from '../../scripts/servers/postgres.js';
import { startTemporal } from '../../scripts/servers/temporal.js';
import type { TemporalServer } from '../../scripts/servers/temporal.js';
import { openTemporal } from '../../workers/intake/temporal-runs.js';
import {
  eventually,
  groupOf,
  openDb,
  post,
  rowsOf,
  temporaryFolder,
  token,
} from '../support/intake.js';
import type { Row } from '../support/intake.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = `${root}dist/test/intake.js`;
const folder = temporaryFolder('intake-killed');
const sendersAtOnce = 16;
const isLong = process.env['BELAY_LONG'] === '1';
const killsMin = isLong ? 1_000 : 50;
const acknowledgedMin = 100_000;
const drainMsMax = 600_000;
let postgres: PostgresServer;
let temporal: TemporalServer;
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
  temporal = await startTemporal({ dataFolder: `${folder.path}/temporal`, headless: true });
  db = openDb({ url: postgres.url });
  url = `http://127.0.0.1:${await freePort()}`;
});

afterAll(async () => {
  await db.destroy();
  await temporal.stop();
  await postgres.stop();
  folder.remove();
});

/** It holds nothing back for a storm: everything that can be acted on is. */
async function startedProcess(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program], {
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: postgres.url,
      TEMPORAL_ADDRESS: temporal.address,
      BELAY_INTAKE_PORT: new URL(url).port,
      BELAY_ALERTMANAGER_TOKENS: token,
      BELAY_STORM_FIRINGS: '100000000',
    },
  });
  const look = async (): Promise<boolean> => {
    const answer = await fetch(`${url}/readyz`).catch(() => undefined);
    return answer?.status === 200;
  };
  await eventually(look, (isReady) => isReady, 60_000);
  return child;
}

interface Load {
  readonly acknowledged: ReadonlySet<string>;
  stop(): Promise<void>;
}

/** One in so many has a runbook: a development server is to take the starts of all of them. */
const actedOnEvery = 50;

function nameOf(n: number): string {
  return n % actedOnEvery === 0 ? 'ServiceDown' : 'NobodyKnowsIt';
}

function isActedOn({ fingerprint }: Row): boolean {
  return nameOf(Number(fingerprint.split('-').at(-1))) === 'ServiceDown';
}

/**
 * Senders that keep sending new alerts and remember which were acknowledged. What was not is sent again, as Alertmanager does,
 * so that one body may well be committed twice.
 */
function underLoad(name: string, alertsPerBody: number): Load {
  const acknowledged = new Set<string>();
  let running = true;
  const sender = async (number: number): Promise<void> => {
    for (let n = 0; running;) {
      const alerts = Array.from({ length: alertsPerBody }, (_, index) => {
        const count = n * alertsPerBody + index;
        return { fingerprint: `${name}-${number}-${count}`, alertname: nameOf(count) };
      });
      const answer = await post(url, groupOf(...alerts)).catch(() => undefined);
      if (answer?.status !== 202) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        continue;
      }
      for (const { fingerprint } of alerts) acknowledged.add(fingerprint);
      n += 1;
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

/** Everything in the backlog is unpacked, and everything in the inbox is settled. */
async function drained(withinMs: number): Promise<void> {
  const waiting = async (): Promise<number> => (await createInbox(db).size()).pending;
  await eventually(waiting, (count) => count === 0, withinMs);
}

/** How often each run was begun, by its id. */
async function begunRuns(): Promise<ReadonlyMap<string, number>> {
  const client = openTemporal(temporal);
  try {
    const count = new Map<string, number>();
    for await (const { workflowId } of client.workflow.list({ pageSize: 1_000 })) {
      count.set(workflowId, (count.get(workflowId) ?? 0) + 1);
    }
    return count;
  } finally {
    await client.connection.close();
  }
}

/** The long one takes the better part of an hour. */
function tell(kills: number, { acknowledged }: Load): void {
  if (kills % 100 !== 0) return;
  process.stdout.write(`killed ${kills} times, ${acknowledged.size} alerts acknowledged\n`);
}

const often = `killed ${killsMin} times under load`;

test(`${often} it has lost no alert of ${acknowledgedMin}, and acted on none twice`, async () => {
  const load = underLoad('killed', 10);
  const perLife = Math.ceil(acknowledgedMin / killsMin);
  for (let kill = 0; kill < killsMin; kill += 1) {
    const before = load.acknowledged.size;
    const child = await startedProcess();
    const enough = (count: number): boolean => count - before >= perLife;
    await eventually(() => Promise.resolve(load.acknowledged.size), enough, 60_000);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 50));
    child.kill('SIGKILL');
    await ended(child);
    tell(kill + 1, load);
  }
  const last = await startedProcess();
  await load.stop();
  await drained(drainMsMax);
  last.kill('SIGTERM');
  await ended(last);

  expect(load.acknowledged.size).toBeGreaterThanOrEqual(acknowledgedMin);
  expect(await lostOf(load)).toEqual([]);
  const rows = await rowsOf(db);
  const acted = rows.flatMap(({ run }) => (run === null ? [] : [run]));
  expect(new Set(acted).size).toBe(acted.length);
  const begun = await eventually(begunRuns, ({ size }) => size >= acted.length, 60_000);
  expect([...begun.keys()].toSorted()).toEqual(acted.toSorted());
  expect([...begun].filter(([, times]) => times !== 1)).toEqual([]);
  expect(acted).toHaveLength(rows.filter(isActedOn).length);
}, 7_200_000);

test('told to stop it answers what is under way, loses nothing and ends well', async () => {
  const child = await startedProcess();
  const load = underLoad('stopped', 1);
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
