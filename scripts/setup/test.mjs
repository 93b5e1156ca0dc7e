/**
 * `npm test`: set-up, build, then all tests; those that start servers run one after the other. `--group=<name>` runs one
 * group; all other arguments go to jest. What cannot run here is named with its reason.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../build.mjs';
import { runNode } from './child-program.mjs';
import { why } from './program.mjs';
import { Report } from './report.mjs';
import { root } from './root.mjs';
import { groups, setUp } from './set-up.mjs';
import { testGroups } from './test-groups.mjs';

/** @typedef {import('./set-up.mjs').Servers} Servers */

const resultsFolder = join(root, 'dist', 'test-results');

const nodeOptions = '--experimental-vm-modules --no-warnings';
const exitMaxMs = 15_000;
const pollMs = 1000;

/** What is not tested when a server is absent. @type {Record<string, string>} */
const testsOn = {
  testServer: "the stories on Temporal's time-skipping server",
  prometheus: 'the real tests that need Prometheus',
  alertmanager: 'the real tests that need Alertmanager',
  supervisord: 'the real tests and contracts that need supervisord',
};

/** @param {string[]} args */
async function main(args) {
  const chosen = args.find((arg) => arg.startsWith('--group='))?.slice('--group='.length);
  if (chosen !== undefined && !testGroups.some(({ name }) => name === chosen)) {
    const known = testGroups.map(({ name }) => name).join(', ');
    throw new Error(`there is no group of tests "${chosen}"; there is: ${known}`);
  }
  const found = await setUp(groups['test'] ?? [], process.stdout);
  const jestArgs = args.filter((arg) => !arg.startsWith('--group='));
  const wanted = testGroups.filter(({ name }) => chosen === undefined || name === chosen);
  rmSync(resultsFolder, { recursive: true, force: true });
  mkdirSync(resultsFolder, { recursive: true });
  let exitCode = await buildAloud();
  for (const pass of /** @type {const} */ (['parallel', 'serial'])) {
    const names = wanted.filter((group) => group.pass === pass).map(({ name }) => name);
    if (names.length > 0) exitCode = (await jest({ pass, names, jestArgs })) || exitCode;
  }
  sayWhatWasSkipped(found);
  return exitCode;
}

/** What cannot be built is a failure, yet the tests may say more about it. */
async function buildAloud() {
  try {
    await new Report(process.stdout).during({ name: 'build', text: 'what changed' }, build);
    return 0;
  } catch (error) {
    process.stderr.write(`· build … failed: ${why(error)}\n`);
    return 1;
  }
}

/** @param {{ pass: 'parallel' | 'serial', names: string[], jestArgs: string[] }} run */
function jest({ pass, names, jestArgs }) {
  const pace = pass === 'parallel' ? '--maxWorkers=2' : '--runInBand';
  const file = join(resultsFolder, `${pass}.json`);
  const results = ['--json', `--outputFile=${file}`];
  // the switch after the names ends their list, so that a path among jestArgs is not taken for one
  const chosen = ['--selectProjects', ...names, '--passWithNoTests'];
  process.stdout.write(`· tests … ${names.join(', ')}\n`);
  return withinReason(file, (end) =>
    runNode(['node_modules/jest/bin/jest.js', pace, ...results, ...chosen, ...jestArgs], {
      env: { NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} ${nodeOptions}` },
      end,
    }),
  );
}

/**
 * Ends jest when it is done and yet does not end, for what a test left open keeps it: that is a failure and not a command
 * that hangs.
 * @param {string} resultsFile written by jest when it is done
 * @param {(end: AbortSignal) => Promise<number>} runJest
 */
async function withinReason(resultsFile, runJest) {
  const overdue = new AbortController();
  let waitedMs = 0;
  const timer = setInterval(() => {
    if (existsSync(resultsFile)) waitedMs += pollMs;
    if (waitedMs < exitMaxMs || overdue.signal.aborted) return;
    process.stderr.write('· tests … failed: a test left something open, so jest had to be ended\n');
    overdue.abort();
  }, pollMs);
  try {
    return await runJest(overdue.signal);
  } finally {
    clearInterval(timer);
  }
}

/** @param {Servers} found */
function sayWhatWasSkipped(found) {
  for (const [name, server] of Object.entries(found)) {
    const tests = testsOn[name];
    if (tests === undefined || !('absent' in server)) continue;
    process.stdout.write(`· skipped … ${tests}, because ${name} is absent: ${server.absent}\n`);
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${why(error)}\n`);
  process.exitCode = 1;
}
