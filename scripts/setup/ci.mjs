/**
 * `.ci/run`: clones the commit that is checked out, runs the README's test command there and then what `npm run verify`
 * has besides tests. The last line it prints is `N passed, N failed`; it leaves nothing behind but the user's cache.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { why } from './program.mjs';
import { root } from './root.mjs';

const beyondTests = ['format:check', 'lint', 'types'];
const commandMaxMs = 45 * 60_000;

/** @typedef {{ passed: number, failed: number }} Count */

/** @param {string} folder @param {string[]} args */
function npm(folder, args) {
  process.stdout.write(`\n$ npm ${args.join(' ')}\n`);
  const env = { ...process.env, CI: 'true' };
  const ended = spawnSync('npm', args, {
    cwd: folder,
    stdio: 'inherit',
    timeout: commandMaxMs,
    env,
  });
  return ended.status === 0;
}

/** @param {string} clone @returns {Count} */
function runTests(clone) {
  const isGood = npm(clone, ['test']);
  const counts = ['parallel', 'serial'].map((pass) =>
    countOf(join(clone, 'dist', 'test-results', `${pass}.json`)),
  );
  const count = counts.reduce(add, { passed: 0, failed: 0 });
  // a test command that fails without a failed test has failed all the same
  return isGood || count.failed > 0 ? count : { ...count, failed: 1 };
}

/** A missing file counts as one failure: that pass did not come to its end. @param {string} file @returns {Count} */
function countOf(file) {
  if (!existsSync(file)) return { passed: 0, failed: 1 };
  const result = JSON.parse(readFileSync(file, 'utf8'));
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return { passed: result.numPassedTests, failed };
}

/** @param {Count} one @param {Count} other @returns {Count} */
function add(one, other) {
  return { passed: one.passed + other.passed, failed: one.failed + other.failed };
}

/** @returns {Count} */
function verifyClone() {
  const folder = mkdtempSync(join(tmpdir(), 'belay-ci-'));
  try {
    const clone = join(folder, 'belay');
    const cloned = spawnSync('git', ['clone', '--quiet', '--no-local', root, clone], {
      stdio: 'inherit',
      timeout: commandMaxMs,
    });
    if (cloned.status !== 0) throw new Error(`git could not clone ${root}`);
    const tests = runTests(clone);
    if (tests.passed === 0) return { passed: 0, failed: Math.max(1, tests.failed) };
    const others = beyondTests.map((name) => npm(clone, ['run', '--silent', name]));
    const failed = others.filter((isGood) => !isGood).length;
    return add(tests, { passed: others.length - failed, failed });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @type {Count} */
let count = { passed: 0, failed: 1 };
try {
  count = verifyClone();
} catch (error) {
  process.stderr.write(`${why(error)}\n`);
}
process.stdout.write(`\n${count.passed} passed, ${count.failed} failed\n`);
process.exitCode = count.failed === 0 && count.passed > 0 ? 0 : 1;
