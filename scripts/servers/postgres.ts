/** PostgreSQL with honest disks: the embedded one on a folder, or the one DATABASE_URL names, which is left as it is. */
import { randomBytes } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startChild } from './child.js';
import { freePort } from './port.js';
import { findPostgres, prepareData, type PostgresProgram } from './postgres-program.js';

export interface PostgresPlan {
  /** Keeps data, password and log; used again it starts with the same rows. */
  readonly dataFolder: string;
  readonly port?: number;
}

export interface PostgresServer {
  /** Carries the password: not for logs. */
  readonly url: string;
  /** Absent when the server is not ours. */
  readonly pid?: number;
  /** Resolves when the process ended by itself or by `stop`; never for a server that is not ours. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

const database = 'belay';
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '64MB',
  fsync: 'on',
  synchronous_commit: 'on',
  full_page_writes: 'on',
};

/** Ready when it resolves, with an (at first empty) database `belay`. Throws with the server's log. */
export async function startPostgres(plan: PostgresPlan): Promise<PostgresServer> {
  const given = process.env['DATABASE_URL'];
  if (given) {
    return { url: given, ended: new Promise(() => undefined), stop: () => Promise.resolve() };
  }
  const program = await findPostgres();
  const { password, data } = initialise(plan.dataFolder, program);
  const port = plan.port ?? (await freePort());
  const urlOf = (name: string) => `postgres://belay:${password}@127.0.0.1:${port}/${name}`;
  const child = await startChild({
    name: 'postgres',
    program: program.postgres,
    args: ['-D', data, '-p', String(port)].concat(
      Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
    ),
    logFile: join(plan.dataFolder, 'postgres.log'),
    ready: () => hasDatabase(urlOf('postgres')),
    stopSignal: 'SIGINT', // its fast shutdown; SIGTERM would wait for every client to leave
    folder: '/',
    ...(program.user === undefined ? {} : { user: program.user }),
  });
  return { url: urlOf(database), ...child };
}

/** Makes the cluster once; one that was not finished is made again. */
function initialise(dataFolder: string, program: PostgresProgram): Cluster {
  const passwordFile = join(dataFolder, 'password');
  const folder = join(dataFolder, 'data');
  if (existsSync(passwordFile)) {
    return { password: readFileSync(passwordFile, 'utf8').trim(), data: realpathSync(folder) };
  }
  rmSync(folder, { recursive: true, force: true });
  const data = prepareData(folder, program.user);
  const password = randomBytes(24).toString('hex');
  makeCluster(data, password, program);
  writeFileSync(`${passwordFile}.new`, password, { mode: 0o600 });
  renameSync(`${passwordFile}.new`, passwordFile);
  return { password, data };
}

interface Cluster {
  readonly password: string;
  readonly data: string;
}

function makeCluster(data: string, password: string, program: PostgresProgram): void {
  const folder = mkdtempSync(join(tmpdir(), 'belay-initdb-'));
  try {
    const passwordFile = join(folder, 'password');
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if (program.user !== undefined) {
      for (const path of [folder, passwordFile]) {
        chownSync(path, program.user.uid, program.user.gid);
      }
    }
    runInitdb(data, passwordFile, program);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function runInitdb(data: string, passwordFile: string, program: PostgresProgram): void {
  const args = ['-D', data, '-U', 'belay', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const made = spawnSync(program.initdb, [...args, '--encoding=UTF8', '--locale=C'], {
    cwd: '/',
    encoding: 'utf8',
    timeout: 60_000,
    ...program.user,
  });
  if (made.status === 0) return;
  throw new Error(`initdb could not make ${data}: ${made.error?.message ?? made.stderr}`);
}

async function hasDatabase(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => undefined); // the connection may break under us; the next poll tells
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [
      database,
    ]);
    if (rowCount === 0) await client.query(`create database ${database}`);
    return true;
  } finally {
    await client.end();
  }
}
