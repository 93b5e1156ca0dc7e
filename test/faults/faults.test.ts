/**
 * Every runbook with every fault at every place it comes to, and with a second fault after the first, in virtual time. By
 * listing only: a new runbook of the catalogue is found here. `BELAY_FAULTS=every-pair` plays every pair of the shipped ones;
 * `BELAY_FAULTS_SEED` draws other pairs.
 */
import { afterAll, describe, expect, test } from '@jest/globals';
import { runbooks } from '../../runbooks/index.js';
import type { Runbook } from '../../workflows/runbook.js';
import {
  lowerByStages,
  lowerSideBySide,
  lowerThree,
  restartThenTune,
} from '../support/story/runbooks.js';
import { harness, type Harness } from '../unwind/harness.js';
import { explore, type Effort, type Explored } from './explore.js';
import { columnOf, faultsAt } from './fault.js';
import { Matrix } from './matrix.js';
import { scenariosOf, type Ran, type Scenario } from './scenario.js';
import { siteKinds, type Site } from './site.js';
import { storyOf } from './story.js';
import { drawRunbook } from './synthetic.js';

const seed = Number(process.env['BELAY_FAULTS_SEED'] ?? '20260105');
const everyPair = process.env['BELAY_FAULTS'] === 'every-pair';
const minutesMax = everyPair ? 60 : 10;

/** How many pairs are drawn in a short run: what a minute and a half of CPU has room for beside all singles. */
const shippedEffort: Effort = {
  seed,
  pairsMax: everyPair ? Number.MAX_SAFE_INTEGER : 300,
  pairsOf: 'those that stand for their kind',
};
const effort: Effort = { seed, pairsMax: 100, pairsOf: 'every fault' };

/** What the drawn runbooks are drawn from: found once, kept, so that a failure is the engine's and not the draw's. */
const drawnBy = 4;

function harnessOf({ meta }: Runbook): Harness {
  const found = harness[meta.name];
  if (found === undefined) throw new Error(`test/unwind/harness.ts has no entry "${meta.name}"`);
  return found;
}

const three = harnessOf(lowerThree);
const shipped = runbooks.map((runbook): Ran => ({ runbook, harness: harnessOf(runbook) }));
const others: readonly (readonly [Ran, readonly string[]])[] = [
  [{ runbook: lowerThree, harness: three }, ['helps not']],
  [{ runbook: lowerSideBySide, harness: three, width: 2 }, ['helps not', 'approved', 'taken back']],
  [{ runbook: lowerByStages, harness: three }, ['helps not', 'taken back']],
  [{ runbook: restartThenTune, harness: three }, ['helps not']],
  [drawRunbook(8, drawnBy), ['helps not']],
  [drawRunbook(15, drawnBy), ['helps not']],
];

const scenarios: readonly (readonly [string, Scenario, Effort])[] = [
  ...shipped
    .flatMap(scenariosOf)
    .map((scenario) => [scenario.name, scenario, shippedEffort] as const),
  ...others.flatMap(([ran, wanted]) => {
    const chosen = scenariosOf(ran).filter(({ name }) =>
      wanted.some((what) => name.endsWith(what)),
    );
    return chosen.map((scenario) => [scenario.name, scenario, effort] as const);
  }),
];

const cpuBefore = process.cpuUsage();
const explored: Explored[] = [];
const total = new Matrix();

describe('the fault matrix', () => {
  test.each(scenarios)(
    'no law breaks, whatever goes wrong: %s',
    async (name, scenario, much) => {
      const found = await explore(scenario, much);
      explored.push(found);
      total.add(found.matrix, name);
      const stories = found.failing.slice(0, 3).map((failing) => storyOf(failing, seed));
      expect((await Promise.all(stories)).join('\n')).toBe('');
      expect(found.failures).toBe(0);
      expect(found.clean.broken).toEqual([]);
      expect(found.clean.sites.length).toBeGreaterThan(0);
    },
    minutesMax * 60_000,
  );

  test('every fault that was planned was met', () => {
    expect(total.neverMet).toEqual([]);
  });

  test('every kind of fault was met at every sort of place it can happen at', () => {
    const missing = siteKinds.flatMap((kind) => {
      const site: Site = { kind, key: '', says: '', nth: 1, losesTask: true };
      const columns = faultsAt(site).map((name) => columnOf({ site, name }));
      return columns
        .filter((column) => !total.met(kind, column))
        .map((column) => `${kind} ${column}`);
    });
    expect(missing).toEqual([]);
  });
});

afterAll(() => {
  const sum = (of: (one: Explored) => number): number =>
    explored.reduce((all, one) => all + of(one), 0);
  const { user, system } = process.cpuUsage(cpuBefore);
  const text = [
    `fault matrix, seed ${seed}: ${explored.length} scenarios, ${sum((one) => one.singles)} singles (all), ` +
      `${sum((one) => one.pairs)} pairs of ${sum((one) => one.pairsThereAre)}, ${sum((one) => one.failures)} laws broken`,
    `${total.placesMet} places with their faults met, ${total.neverMet.length} missed; ` +
      `longest history ${Math.max(...explored.map((one) => one.commandsMost))} commands, ` +
      `longest run ${(Math.max(...explored.map((one) => one.tookMsMost)) / 3_600_000).toFixed(1)} h of virtual time, ` +
      `${((user + system) / 1e6).toFixed(0)} s CPU`,
    total.table(),
    ...explored.map((one) => {
      return `${one.scenario.name}: ${one.singles} singles, ${one.pairs} of ${one.pairsThereAre} pairs`;
    }),
  ];
  process.stdout.write(`${text.join('\n')}\n`);
});
