/**
 * Checkpoints as commits in a git repository, pushed when it has a remote; then what the remote has is what counts. Uses the
 * real git, and never forces, rewrites or deletes.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { seconds } from '../../../workflows/domain/time.js';
import {
  DestinationError,
  Forked,
  pathOfSize,
  sizesIn,
  type Destination,
  type Published,
} from '../destination.js';

export interface GitPlace {
  /** The clone this process commits in; made when it is not there. */
  readonly folder: string;
  /** A name or URL of a remote; none keeps the commits here only. */
  readonly remote?: string;
  /** `checkpoints` unless given. */
  readonly branch?: string;
}

const run = promisify(execFile);
const answerWithinMs = seconds(30);
const identity = ['-c', 'user.name=belay notary', '-c', 'user.email=notary@localhost'];
const outputMaxBytes = 64 * 1024 * 1024;

type Git = (...args: string[]) => Promise<string>;

/** Not for two processes on one folder. */
export function gitDestination({ folder, remote, branch = 'checkpoints' }: GitPlace): Destination {
  const git = gitIn(folder, remote);
  const tip = remote === undefined ? 'HEAD' : 'refs/belay/outside';
  const look = async (): Promise<boolean> => {
    await prepared(folder, git, branch);
    if (remote !== undefined && !(await fetched(git, remote, branch))) return false;
    return succeeds(git('rev-parse', '--verify', '--quiet', `${tip}^{commit}`));
  };
  return {
    name: `git:${folder}${remote === undefined ? '' : ` to ${withoutPassword(remote)} ${branch}`}`,
    async put(checkpoint) {
      await prepared(folder, git, branch);
      await commit(folder, git, checkpoint);
      if (remote !== undefined) await git('push', '--quiet', remote, `HEAD:refs/heads/${branch}`);
    },
    async sizes(from) {
      if (!(await look())) return [];
      return sizesIn((await git('ls-tree', '-r', '--name-only', tip)).split('\n'), from);
    },
    async get(size) {
      return git('show', `${tip}:${pathOfSize(size)}`);
    },
  };
}

/** A folder in the middle of being made is made to its end. */
async function prepared(folder: string, git: Git, branch: string): Promise<void> {
  if (existsSync(join(folder, '.git', 'HEAD'))) return;
  await mkdir(folder, { recursive: true }).catch(() => {
    throw new DestinationError(`${folder} cannot be made`, 'name a folder that can be written');
  });
  await git('init', '--quiet', '--initial-branch', branch);
}

/** False when the remote has no such branch yet. */
async function fetched(git: Git, remote: string, branch: string): Promise<boolean> {
  const heads = await git('ls-remote', '--heads', remote, `refs/heads/${branch}`);
  if (heads === '') return false;
  await git('fetch', '--quiet', remote, `+refs/heads/${branch}:refs/belay/outside`);
  return true;
}

async function commit(folder: string, git: Git, { size, note }: Published): Promise<void> {
  const path = pathOfSize(size);
  const file = join(folder, path);
  if (existsSync(file) && (await readFile(file, 'utf8')) !== note) throw new Forked(file, size);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, note);
  await git('add', '--', path);
  if ((await git('status', '--porcelain', '--', path)) === '') return;
  await git(...identity, 'commit', '--quiet', '--message', `Seal ${size} lines`, '--', path);
}

function gitIn(folder: string, remote: string | undefined): Git {
  return async (...args) => {
    try {
      const options = { timeout: answerWithinMs, maxBuffer: outputMaxBytes, env: quiet() };
      return (await run('git', ['-C', folder, ...args], options)).stdout;
    } catch (error) {
      throw said(error, { folder, remote });
    }
  };
}

/** Nobody is there to be asked for a password. */
function quiet(): NodeJS.ProcessEnv {
  return { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_SSH_COMMAND: 'ssh -o BatchMode=yes' };
}

function said(
  error: unknown,
  { folder, remote }: { readonly folder: string; readonly remote: string | undefined },
): DestinationError {
  const { code, stderr } = Object(error) as { code?: unknown; stderr?: unknown };
  if (code === 'ENOENT') return new DestinationError('git is not there', 'install git');
  const text = typeof stderr === 'string' ? stderr : '';
  const line = text.split('\n').find((one) => /fatal|error|rejected/.test(one)) ?? 'no answer';
  const place = remote === undefined ? folder : withoutPassword(remote);
  const fix = /rejected|non-fast-forward|fetch first/.test(text)
    ? 'somebody else pushed there: give the notary a branch of its own, and find out who did'
    : 'see that the repository is there and that this user may write to it';
  return new DestinationError(`git with ${place}: ${withoutPassword(line.trim())}`, fix);
}

function withoutPassword(text: string): string {
  return text.replace(/:\/\/[^/@\s]*@/g, '://');
}

async function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
