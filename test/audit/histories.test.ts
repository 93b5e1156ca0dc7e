/** Digests of closed histories on a real Temporal: each run's is in the ledger once, and another history has another digest. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { sql } from 'kysely';
import { digestOfJson } from '../../activities/audit/history-digest.js';
import { programOf } from '../../scripts/servers/found.js';
import { startTemporal, type TemporalServer } from '../../scripts/servers/temporal.js';
import { createDigester } from '../../workers/notary/histories.js';
import { belay } from '../cli/recorded-terminal.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let temporal: TemporalServer;
let client: Client;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'belay-histories-'));
  database = await openTestDatabase();
  temporal = await startTemporal({ dataFolder: folder, headless: true });
  const connection = await Connection.connect({ address: temporal.address });
  client = new Client({ connection, namespace: temporal.namespace });
});
afterAll(async () => {
  await client.connection.close();
  await Promise.all([temporal.stop(), database.close()]);
  rmSync(folder, { recursive: true, force: true });
});

/** One that Temporal knows and nobody works on. */
async function begin(run: string): Promise<void> {
  const options = { workflowId: run, taskQueue: 'nobody' };
  await client.workflow.start('restartService', { ...options, args: [{ service: 'shop' }] });
  await sql`
    INSERT INTO runs (run, runbook, service, environment, trigger, alert, state, opened_at)
    VALUES (${run}, 'restart-service', 'shop', 'production', 'alert', '{}', 'proposing', now())`.execute(
    database.db,
  );
}

/** As the run's last line has it, and the notary when it has sealed it. */
async function close(run: string): Promise<void> {
  await sql`
    INSERT INTO ledger (id, run, kind, says, at) VALUES (${`${run} closed`}, ${run}, 'closed', 'closed', now())`.execute(
    database.db,
  );
  await sql`UPDATE ledger_notary SET settled_seq = (SELECT max(seq) FROM ledger)`.execute(
    database.db,
  );
}

const end = (run: string) => client.workflow.getHandle(run).terminate('enough');

async function kept(run: string) {
  const { rows } = await sql<{ kind: string; says: string; service: string; detail: unknown }>`
    SELECT kind, says, service, detail FROM ledger WHERE id = ${`history ${run}`}`.execute(
    database.db,
  );
  return rows;
}

function shownBy(run: string): string {
  const args = ['workflow', 'show', '--workflow-id', run, '--output', 'json'];
  return execFileSync(programOf('temporal'), [...args, '--address', temporal.address], {
    encoding: 'utf8',
  });
}

function asked(run: string) {
  const env = { DATABASE_URL: database.url, TEMPORAL_ADDRESS: temporal.address };
  return belay(['audit', 'history', run], { env });
}

test('a closed run has the digest of its history in the ledger, once, whoever comes again', async () => {
  await begin('closed.1');
  await close('closed.1');
  const digester = createDigester(database.db, client);
  expect(await digester.digest()).toBe(0); // Temporal is not done with it
  expect((await asked('closed.1')).err).toContain('no digest of the history of closed.1');
  await end('closed.1');
  expect(await digester.digest()).toBe(1);
  expect(await digester.digest()).toBe(0);
  expect(await createDigester(database.db, client).digest()).toBe(0);
  const { sha256, events } = digestOfJson(shownBy('closed.1'));
  expect(await kept('closed.1')).toEqual([
    {
      kind: 'audit',
      says: `the history of this run has ${events} events and the digest ${sha256}`,
      service: 'shop',
      detail: { history: { sha256, events, status: 'TERMINATED' } },
    },
  ]);
  expect(await asked('closed.1')).toMatchObject({
    exit: 0,
    out: expect.stringContaining('the history is the one that was digested'),
  });
});

test('a run that was terminated and never said its last word has one too; workflows of others have none', async () => {
  await begin('open.1');
  await end('open.1');
  await client.workflow.start('other', { workflowId: 'not ours', taskQueue: 'nobody', args: [] });
  await end('not ours');
  let nowMs = Date.now();
  const digester = createDigester(database.db, client, () => nowMs);
  for (let tries = 0; tries < 50 && (await kept('open.1')).length === 0; tries += 1) {
    await digester.digest(); // Temporal lists it a moment later
    await new Promise((resolve) => setTimeout(resolve, 200));
    nowMs += 3_600_000;
  }
  expect(await kept('open.1')).toHaveLength(1);
  expect(await kept('not ours')).toEqual([]);
});

test('another history under the same name is found out, and one that is gone is said to be', async () => {
  await begin('other.1');
  await close('other.1');
  await end('other.1');
  expect(await createDigester(database.db, client).digest()).toBe(1);
  await client.workflow.start('restartService', {
    workflowId: 'other.1',
    taskQueue: 'nobody',
    args: [{ service: 'till' }],
  });
  await end('other.1');
  expect(await asked('other.1')).toMatchObject({
    exit: 1,
    out: expect.stringContaining('the history is not the one that was digested'),
  });
  await sql`
    INSERT INTO runs (run, runbook, service, environment, trigger, alert, state, opened_at)
    VALUES ('gone.1', 'restart-service', 'shop', 'production', 'alert', '{}', 'closed', now())`.execute(
    database.db,
  );
  await close('gone.1');
  await createDigester(database.db, client).digest();
  expect((await kept('gone.1'))[0]?.says).toBe('the history of this run is gone already');
  expect((await asked('gone.1')).err).toContain('was gone before its digest could be made');
});
