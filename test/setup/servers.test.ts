/** Every server of `scripts/servers` for real: it starts, answers, keeps its data over a restart, and is gone when stopped. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { startAlertmanager } from '../../scripts/servers/alertmanager.js';
import { startChild } from '../../scripts/servers/child.js';
import { findServer, type ServerName } from '../../scripts/servers/found.js';
import { freePort } from '../../scripts/servers/port.js';
import { startPostgres } from '../../scripts/servers/postgres.js';
import { startPrometheus } from '../../scripts/servers/prometheus.js';
import { startSupervisord } from '../../scripts/servers/supervisord.js';
import { runSearchAttributes, startTemporal } from '../../scripts/servers/temporal.js';
import { startTestServer } from '../../scripts/servers/test-server.js';

const folder = mkdtempSync(join(tmpdir(), 'belay-servers-'));
const has = (name: ServerName) => !('absent' in findServer(name));
type Register = (title: string, body: () => Promise<void>, timeoutMs?: number) => void;
/** A test of a server that is not here says so by name instead. */
const when = (name: ServerName): Register =>
  has(name) ? test : (title) => test(`skipped, no ${name}: ${title}`, () => undefined);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('a child', () => {
  const never = () => Promise.resolve(false);
  const logFile = join(folder, 'child.log');

  test('that ends before it is ready is an error with the last twenty lines of its log', async () => {
    const program = '/bin/sh';
    const args = ['-c', 'for n in $(seq 1 30); do echo "line $n"; done; exit 3'];
    const started = startChild({ name: 'counter', program, args, logFile, ready: never });
    await expect(started).rejects.toThrow(
      /^counter ended with exit code 3; the end of .*:\nline 11\n[^]*line 30$/,
    );
  });

  test('that never answers is killed, even when it ignores the polite signal', async () => {
    const pidFile = join(folder, 'deaf.pid');
    const args = ['-c', `trap "" TERM; echo $$ > ${pidFile}; while :; do sleep 0.1; done`];
    const plan = { name: 'deaf', program: '/bin/sh', args, logFile, ready: never };
    await expect(startChild({ ...plan, readyWithinMs: 300 })).rejects.toThrow(
      'deaf did not answer within 0.3 s',
    );
    expect(isAlive(Number(readFileSync(pidFile, 'utf8')))).toBe(false);
  });

  test('whose program does not exist is an error that names it', async () => {
    const plan = { name: 'ghost', program: '/nowhere/ghost', args: [], logFile, ready: never };
    await expect(startChild(plan)).rejects.toThrow(/^ghost [^]*\/nowhere\/ghost/);
  });
});

describe('temporal', () => {
  when('temporal')('starts again on its folder with the runs it had', async () => {
    const plan = { dataFolder: join(folder, 'temporal'), headless: true, namespace: 'shop' };
    const first = await startTemporal(plan);
    const workflowId = 'kept';
    await withTemporal(first, async (client) => {
      await client.workflow.start('nothing', { workflowId, taskQueue: 'none' });
    });
    await first.stop();
    expect(isAlive(first.pid)).toBe(false);
    const second = await startTemporal(plan);
    await withTemporal(second, async (client) => {
      const kept = await client.workflow.getHandle(workflowId).describe();
      expect(kept.status.name).toBe('RUNNING');
      const known = await client.connection.operatorService.listSearchAttributes({
        namespace: 'shop',
      });
      expect(Object.keys(known.customAttributes ?? {})).toEqual(
        expect.arrayContaining(Object.keys(runSearchAttributes)),
      );
    });
    await second.stop();
    expect(isAlive(second.pid)).toBe(false);
  });

  test('uses the server that TEMPORAL_ADDRESS names and neither starts nor stops it', async () => {
    process.env['TEMPORAL_ADDRESS'] = '127.0.0.1:1';
    try {
      const server = await startTemporal({ dataFolder: join(folder, 'unused') });
      await server.stop();
      expect(server.address).toBe('127.0.0.1:1');
      expect(server.pid).toBeUndefined();
      expect(existsSync(join(folder, 'unused'))).toBe(false);
    } finally {
      delete process.env['TEMPORAL_ADDRESS'];
    }
  });
});

async function withTemporal(
  server: { address: string; namespace: string },
  use: (client: Client) => Promise<void>,
): Promise<void> {
  const connection = await Connection.connect({ address: server.address });
  try {
    await use(new Client({ connection, namespace: server.namespace }));
  } finally {
    await connection.close();
  }
}

describe('postgres', () => {
  const plan = { dataFolder: join(folder, 'postgres') };

  test('starts again on its folder with the rows it had, and forces every commit to disk', async () => {
    const given = process.env['DATABASE_URL'];
    delete process.env['DATABASE_URL'];
    try {
      const first = await startPostgres(plan);
      await ask(first.url, 'create table kept as select 7 as number');
      await first.stop();
      expect(isAlive(first.pid)).toBe(false);
      const second = await startPostgres(plan);
      expect(await ask(second.url, 'select number from kept')).toEqual([{ number: 7 }]);
      expect(await ask(second.url, 'show fsync')).toEqual([{ fsync: 'on' }]);
      await second.stop();
    } finally {
      if (given !== undefined) process.env['DATABASE_URL'] = given;
    }
  });

  test('uses the database that DATABASE_URL names and creates nothing', async () => {
    const given = process.env['DATABASE_URL'];
    process.env['DATABASE_URL'] = 'postgres://somewhere/else';
    try {
      const server = await startPostgres({ dataFolder: join(folder, 'unused') });
      await server.stop();
      expect(server.url).toBe('postgres://somewhere/else');
      expect(existsSync(join(folder, 'unused'))).toBe(false);
    } finally {
      delete process.env['DATABASE_URL'];
      if (given !== undefined) process.env['DATABASE_URL'] = given;
    }
  });
});

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('the servers of the demo', () => {
  function configFile(name: string, text: string): string {
    const file = join(folder, name);
    writeFileSync(file, text);
    return file;
  }

  when('prometheus')('prometheus answers a query and is gone when stopped', async () => {
    const file = configFile('prometheus.yml', 'global: { scrape_interval: 1s }\n');
    const server = await startPrometheus({ dataFolder: folder, configFile: file });
    const answer = await fetch(`${server.url}/api/v1/query?query=1%2B1`);
    expect(await answer.text()).toContain('"2"');
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
  });

  when('alertmanager')('alertmanager takes an alert and is gone when stopped', async () => {
    const file = configFile(
      'alertmanager.yml',
      'route: { receiver: none }\nreceivers: [{ name: none }]\n',
    );
    const server = await startAlertmanager({ dataFolder: folder, configFile: file });
    const answer = await fetch(`${server.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ labels: { alertname: 'ServiceDown' } }]),
    });
    expect(answer.status).toBe(200);
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
  });

  when('supervisord')('supervisord starts its programs and takes them with it', async () => {
    const port = await freePort();
    const file = configFile('supervisord.conf', supervisorConfig(port));
    const server = await startSupervisord({ dataFolder: folder, configFile: file, port });
    const body = '<methodCall><methodName>supervisor.getAllProcessInfo</methodName></methodCall>';
    const headers = { 'content-type': 'text/xml' };
    const answer = await (await fetch(server.url, { method: 'POST', headers, body })).text();
    const pid = Number(/<name>pid<\/name>\s*<value><int>(\d+)/.exec(answer)?.[1]);
    expect(isAlive(pid)).toBe(true);
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
    expect(isAlive(pid)).toBe(false);
  });

  function supervisorConfig(port: number): string {
    return `[supervisord]
logfile=${join(folder, 'supervisor.log')}
pidfile=${join(folder, 'supervisor.pid')}
[inet_http_server]
port=127.0.0.1:${port}
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[program:sleeper]
command=sleep 600
startsecs=0
`;
  }
});

describe('the time-skipping test server', () => {
  when('testServer')('starts and is gone when stopped', async () => {
    const server = await startTestServer({ dataFolder: folder });
    await server.stop();
    expect(isAlive(server.pid)).toBe(false);
  });
});
