/**
 * Runs the tests of the replayed half for Stryker in its own process: bundled once, loaded anew for each mutant, stopped at
 * the first that fails. A mutant that hangs is ended by Stryker, which starts another process.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import {
  DryRunStatus,
  MutantRunStatus,
  TestStatus,
  toMutantRunResult,
} from '@stryker-mutator/api/test-runner';
import { bundleTests } from './bundle.mjs';

/**
 * What the mutated code reads and writes of the global object.
 * @typedef {object} Switches
 * @property {string | undefined} activeMutant
 * @property {string | undefined} currentTestId
 * @property {number | undefined} hitCount
 * @property {number | undefined} hitLimit
 * @property {import('@stryker-mutator/api/core').MutantCoverage | undefined} mutantCoverage
 */

const everywhere = /** @type {{ __stryker__?: Switches }} */ (/** @type {unknown} */ (globalThis));
const switches = (everywhere.__stryker__ ??= /** @type {Switches} */ ({}));

class InProcessRunner {
  /** @type {[]} */
  static inject = [];
  #file = join(process.cwd(), `tests-${process.pid}.mjs`);
  #loads = 0;

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    await bundleTests(process.cwd(), this.#file);
  }

  /** @returns {Promise<import('@stryker-mutator/api/test-runner').CompleteDryRunResult>} */
  async dryRun() {
    const mutantCoverage = { static: {}, perTest: {} };
    Object.assign(switches, { activeMutant: undefined, mutantCoverage });
    const tests = await this.#run({ disableBail: true });
    return { status: DryRunStatus.Complete, tests, mutantCoverage };
  }

  /**
   * @param {import('@stryker-mutator/api/test-runner').MutantRunOptions} options
   * @returns {Promise<import('@stryker-mutator/api/test-runner').MutantRunResult>}
   */
  async mutantRun(options) {
    const { activeMutant, mutantActivation, testFilter, hitLimit, disableBail } = options;
    switches.mutantCoverage = undefined;
    switches.hitCount = hitLimit === undefined ? undefined : 0;
    switches.hitLimit = hitLimit;
    switches.activeMutant = mutantActivation === 'static' ? activeMutant.id : undefined;
    const tests = await this.#run({ disableBail, testFilter, mutant: activeMutant.id });
    if (hitLimit !== undefined && (switches.hitCount ?? 0) > hitLimit) {
      return {
        status: MutantRunStatus.Timeout,
        reason: `it was reached more than ${hitLimit} times`,
      };
    }
    return toMutantRunResult({ status: DryRunStatus.Complete, tests });
  }

  async dispose() {
    await rm(this.#file, { force: true });
  }

  /** @param {{ disableBail: boolean, testFilter?: string[] | undefined, mutant?: string }} how */
  async #run({ disableBail, testFilter, mutant }) {
    /** @type {import('@stryker-mutator/api/test-runner').TestResult[]} */
    const results = [];
    for (const { title, body } of await this.#tests()) {
      if (testFilter !== undefined && !testFilter.includes(title)) continue;
      if (mutant !== undefined) switches.activeMutant = mutant;
      const result = await resultOf(title, body);
      results.push(result);
      if (result.status === TestStatus.Failed && !disableBail) break;
    }
    return results;
  }

  /** A module that cannot even be loaded is a mutant that was noticed. */
  async #tests() {
    this.#loads += 1;
    try {
      const loaded = await import(`${pathToFileURL(this.#file).href}?${this.#loads}`);
      return loaded.gatheredTests();
    } catch (thrown) {
      return [{ title: 'the modules load', body: () => Promise.reject(thrown) }];
    }
  }
}

/**
 * @param {string} title
 * @param {() => unknown} body
 * @returns {Promise<import('@stryker-mutator/api/test-runner').TestResult>}
 */
async function resultOf(title, body) {
  const startedMs = performance.now();
  switches.currentTestId = title;
  const named = { id: title, name: title };
  try {
    await body();
    const timeSpentMs = performance.now() - startedMs;
    return { ...named, timeSpentMs, status: TestStatus.Success };
  } catch (thrown) {
    const timeSpentMs = performance.now() - startedMs;
    return { ...named, timeSpentMs, status: TestStatus.Failed, failureMessage: String(thrown) };
  } finally {
    switches.currentTestId = undefined;
  }
}

export const strykerPlugins = [
  declareClassPlugin(PluginKind.TestRunner, 'in-process', InProcessRunner),
];
