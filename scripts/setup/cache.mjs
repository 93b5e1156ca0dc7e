/** The user's cache folder: what is in it is whole, for it is built beside its place, tried, and then moved there. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const lockWaitMaxMs = 20 * 60_000;
const lockPollMs = 250;
const unfinished = 'unfinished-';

/** @typedef {import('./report.mjs').Report} Report */

export function cacheFolder() {
  const given = process.env['BELAY_CACHE'];
  if (given) return given;
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'belay');
}

/**
 * Has `build` fill a new folder and moves that to `<cache>/<name>`, replacing what is there. When `build` throws, nothing
 * of it stays.
 * @param {string} name
 * @param {(folder: string) => Promise<void>} build
 */
export async function install(name, build) {
  const place = join(cacheFolder(), name);
  mkdirSync(cacheFolder(), { recursive: true });
  const folder = mkdtempSync(join(cacheFolder(), unfinished));
  try {
    await build(folder);
    rmSync(place, { recursive: true, force: true });
    renameSync(folder, place);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} name @param {unknown} content */
export function writeJson(name, content) {
  mkdirSync(cacheFolder(), { recursive: true });
  const beside = join(cacheFolder(), `${unfinished}${name}.${process.pid}`);
  writeFileSync(beside, `${JSON.stringify(content, null, 2)}\n`);
  renameSync(beside, join(cacheFolder(), name));
}

/** What a file of the cache holds, or nothing when it is missing or no JSON. @param {string} name @returns {unknown} */
export function readJson(name) {
  try {
    return JSON.parse(readFileSync(join(cacheFolder(), name), 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * One set-up at a time: waits for another one to end, and takes over the lock of one that died.
 * @template T
 * @param {Report} report
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function alone(report, work) {
  mkdirSync(cacheFolder(), { recursive: true });
  const lock = join(cacheFolder(), 'lock');
  if (!takeLock(lock)) {
    await report.during({ name: 'lock', text: `another set-up works in ${cacheFolder()}` }, () =>
      waitForLock(lock),
    );
  }
  try {
    dropUnfinished();
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** What set-ups left that were killed while they built; safe only while the lock is held. */
function dropUnfinished() {
  for (const name of readdirSync(cacheFolder())) {
    if (name.startsWith(unfinished)) rmSync(join(cacheFolder(), name), { recursive: true });
  }
}

/** @param {string} lock */
async function waitForLock(lock) {
  const giveUpAtMs = Date.now() + lockWaitMaxMs;
  while (Date.now() < giveUpAtMs) {
    if (takeLock(lock)) return;
    await sleep(lockPollMs);
  }
  throw new Error(
    `the set-up that holds ${lock} did not end in 20 minutes: end it, then try again`,
  );
}

/** @param {string} lock */
function takeLock(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    dropDead(lock);
    return false;
  }
}

/** Moved away before it is removed, so that of two who find it dead only one removes it. @param {string} lock */
function dropDead(lock) {
  if (!existsSync(lock) || isAlive(holder(lock))) return;
  const dead = `${lock}.${process.pid}`;
  try {
    renameSync(lock, dead);
    if (isAlive(holder(dead))) renameSync(dead, lock);
    else rmSync(dead);
  } catch {
    // somebody else was quicker
  }
}

/** @param {string} lock */
function holder(lock) {
  try {
    return Number(readFileSync(lock, 'utf8'));
  } catch {
    return 0;
  }
}

/** A lock that is still being written (no number yet) counts as alive. @param {number} pid */
function isAlive(pid) {
  if (!Number.isInteger(pid) || pid <= 0) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
