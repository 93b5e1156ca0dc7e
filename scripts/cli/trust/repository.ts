/** The real git, where the trust folder is in a repository: commits one file, tells who wrote a runbook. Pushes nothing. */
import { execFile } from 'node:child_process';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { seconds } from '../../../workflows/domain/time.js';

const run = promisify(execFile);
const timeoutMs = seconds(20);

async function git(folder: string, args: readonly string[]): Promise<string> {
  const { stdout } = await run('git', ['-C', folder, ...args], { timeout: timeoutMs });
  return stdout.trim();
}

export async function isRepository(folder: string): Promise<boolean> {
  const inside = await git(folder, ['rev-parse', '--is-inside-work-tree']).catch(() => 'false');
  return inside === 'true';
}

/** Answers the commit. That file and nothing else, whatever else is staged; throws with git's own words. */
export async function commitFile(file: string, message: string): Promise<string> {
  const path = resolve(file);
  const folder = dirname(path);
  try {
    await git(folder, ['add', '--', path]);
    await git(folder, ['commit', '--quiet', '--only', '-m', message, '--', path]);
    return await git(folder, ['rev-parse', 'HEAD']);
  } catch (error) {
    await git(folder, ['reset', '--quiet', '--', path]).catch(() => undefined);
    throw new Error(`git did not commit ${path}: ${wordsOf(error)}`, { cause: error });
  }
}

/** What git said itself, on one line. */
function wordsOf(error: unknown): string {
  const { stderr } = (error ?? {}) as { readonly stderr?: unknown };
  const said = typeof stderr === 'string' ? stderr.trim().replace(/\s*\n\s*/g, '; ') : '';
  return said === '' ? 'it gave no reason' : said;
}

/** Mail and name of whoever last changed each of these runbooks; empty where there is no repository. */
export async function authorsOf(project: string, runbooks: readonly string[]): Promise<string[]> {
  const asked = runbooks.map((runbook) => {
    const args = ['log', '-1', '--format=%ae%n%an', '--', `runbooks/${runbook}`];
    return git(project, args).catch(() => '');
  });
  return (await Promise.all(asked)).flatMap((said) => said.split('\n')).filter((who) => who !== '');
}
