/** Node's version and the npm packages of the lock file; installs them without running any script of theirs. */
import { existsSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './program.mjs';
import { root } from './root.mjs';

const versionMin = [20, 19];
const majorMax = 24;

/** @typedef {{ version?: string, optional?: boolean, devOptional?: boolean, peer?: boolean }} Package */

/** Throws when this Node cannot run Belay. @param {string} [version] */
export function requireNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [majorMin = 0, minorMin = 0] = versionMin;
  const isNewEnough = major > majorMin || (major === majorMin && minor >= minorMin);
  if (isNewEnough && major <= majorMax) return;
  throw new Error(`Belay needs Node ${versionMin.join('.')} to ${majorMax}; this is ${version}`);
}

/** Whether node_modules holds what package-lock.json names. */
export function hasPackages() {
  const wanted = join(root, 'package-lock.json');
  const installed = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  if (statSync(wanted).mtimeMs <= statSync(installed).mtimeMs) return true;
  if (!holdsAll(packagesOf(wanted), packagesOf(installed))) return false;
  utimesSync(installed, new Date(), new Date());
  return true;
}

/**
 * @param {Record<string, Package>} wanted
 * @param {Record<string, Package>} installed
 */
function holdsAll(wanted, installed) {
  return Object.entries(wanted).every(([path, { version, optional, devOptional }]) => {
    if (path === '') return true;
    const here = installed[path];
    return here === undefined ? (optional ?? devOptional ?? false) : here.version === version;
  });
}

/** @param {string} file @returns {Record<string, Package>} */
function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
}

export async function installPackages() {
  const npmProgram = process.env['npm_execpath'];
  const args = ['ci', '--ignore-scripts', '--loglevel', 'error', '--no-audit', '--no-fund'];
  const [program, ...before] = npmProgram ? [process.execPath, npmProgram] : ['npm'];
  await run(program ?? 'npm', { args: [...before, ...args], withinMs: 10 * 60_000, folder: root });
}
