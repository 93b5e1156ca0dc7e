/** Programs of this machine: found on PATH, run within a bound of time; nothing here installs anything. */
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';

const outputMax = 64 * 1024;

/**
 * @typedef {object} Run
 * @property {string[]} args
 * @property {number} withinMs it is killed after that
 * @property {string} [folder]
 * @property {Record<string, string>} [env] added to this process's own
 */

/**
 * The first of the names that PATH holds, as a whole path.
 * @param {...string} names
 * @returns {string | undefined}
 */
export function onPath(...names) {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const paths = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find(isProgram);
}

/** Which of these programs PATH lacks, as a sentence; nothing when it has them all. @param {...string} names */
export function notOnPath(...names) {
  const missing = names.filter((name) => onPath(name) === undefined);
  if (missing.length === 0) return undefined;
  return `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not on PATH`;
}

/** @param {string} path */
export function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * Runs a program to its end and answers what it wrote. Throws with its last words when it fails or takes too long.
 * @param {string} program
 * @param {Run} run
 * @returns {Promise<string>}
 */
export function run(program, { args, withinMs, folder, env }) {
  return new Promise((resolve, reject) => {
    let output = '';
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: withinMs,
      killSignal: 'SIGKILL',
      env: { ...process.env, ...env },
      ...(folder === undefined ? {} : { cwd: folder }),
    });
    /** @param {Buffer} chunk */
    const keep = (chunk) => (output = (output + chunk.toString()).slice(-outputMax));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) return resolve(output);
      const how = signal === null ? `exit code ${code}` : signal;
      reject(new Error(`${basename(program)} ended with ${how}: ${lastWords(output)}`));
    });
  });
}

/** @param {string} output */
function lastWords(output) {
  const lines = output.split('\n').map((line) => line.trim());
  const words = lines.filter((line) => line !== '').slice(-3);
  return words.length === 0 ? 'it said nothing' : words.join(' | ').slice(0, 400);
}

/** @param {unknown} error */
export function why(error) {
  return error instanceof Error ? error.message : String(error);
}
