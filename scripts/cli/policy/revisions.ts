/** Sets of policies as git has them: at a revision, and before their last change. Reads the repository and never writes it. */
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { filesOf } from '../../../activities/policy/set-files.js';
import { compileSet, schemaFile, type CompiledSet } from '../../../activities/policy/set.js';
import { misused, refused } from '../complaint.js';
import { said } from './the-set.js';

/** What belongs to a set, as git is asked for it. */
const setPaths = [':(glob)*.cedar', 'services.yaml', 'approved.yaml'];

/** The set as it was at a revision, read with the facts of today. Throws a complaint when git does not know it. */
export function setAt(revision: string, path: string): CompiledSet {
  const folder = dirname(path);
  requireRevision(revision);
  const names = git(folder, ['ls-tree', '--name-only', revision, './']).split('\n');
  const files = names
    .filter((name) => /\.(cedar|yaml)$|^accepted$/.test(name) && name !== schemaFile)
    .map((name) => ({
      name: join(folder, name),
      text: git(folder, ['show', `${revision}:./${name}`]),
    }));
  return said(() => compileSet(filesOf(files, path)));
}

function requireRevision(revision: string): void {
  if (/^[\w./~^@{}-]+$/.test(revision) && !revision.startsWith('-')) return;
  throw misused(`"${revision}" is no revision`, 'name a commit, a tag or a branch');
}

/** Stands for the revision before the last change of the set. */
export const lastChange = 'last';

/** The commit before the last one that touched the set; HEAD while the files differ from it. */
export function beforeLastChange(path: string): string {
  const folder = dirname(path);
  if (differsFromHead(folder)) return 'HEAD';
  const commit = git(folder, ['log', '-1', '--format=%H', '--', ...setPaths]).trim();
  if (commit === '') throw refused(`no commit has ${path}`, 'commit the policies first');
  const parents = git(folder, ['log', '-1', '--format=%P', commit]).trim();
  const [parent] = parents.split(' ');
  if (parent !== undefined && parent !== '') return parent;
  throw refused('nothing lies before the last change', 'fetch more of the history');
}

function differsFromHead(folder: string): boolean {
  return git(folder, ['status', '--porcelain', '--', ...setPaths]).trim() !== '';
}

/**
 * Why a person meant what a change newly allows: the trailers `Newly-allows: <why>` of the commits that made it. Files that
 * are not committed were not meant by anybody yet.
 */
export function acceptedBetween(path: string, from: string, to: string | undefined): string[] {
  const folder = dirname(path);
  if (to === undefined && differsFromHead(folder)) return [];
  const format = '--format=%an: %(trailers:key=Newly-allows,valueonly,separator=%x2C )';
  const range = `${from}..${to ?? 'HEAD'}`;
  const lines = git(folder, ['log', format, range, '--', ...setPaths]);
  return lines.split('\n').filter((line) => /: ./.test(line));
}

/** More than a set ever has. */
const bytesMax = 50_000_000;

function git(folder: string, args: readonly string[]): string {
  try {
    return execFileSync('git', args, {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: bytesMax,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const text = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw refused(
      `git: ${text.split('\n')[0] || 'is not there'}`,
      'name a revision that git knows',
    );
  }
}
