/**
 * Is replay a gate? Workflow code is changed in every way that may break determinism, and of the changes that make a story
 * give other commands, replay of the recorded histories must notice 95 in 100. A seeded sample; BELAY_LONG=1 takes all.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import { mkdirSync, writeFileSync } from 'node:fs';
import { pathOf } from '../support/story/bundles.js';
import { Census } from './census.js';
import { buildPlayer, buildWorkflows, plantedCopy, type PlantedCopy } from './copy.js';
import { ReplayGate } from './gate.js';
import { Player } from './played.js';
import { sampleOf } from './sample.js';

const caughtMin = 0.95;
const long = process.env['BELAY_LONG'] === '1';
/** How many are drawn; BELAY_MUTANTS says another number. */
const size = long ? Infinity : Number(process.env['BELAY_MUTANTS'] ?? 80);
const seed = Number(process.env['BELAY_SEED'] ?? 4);
const longMs = 3 * 60 * 60_000;
/** So that a long run that was ended before its time has told something. */
const sayEvery = 50;

let copy: PlantedCopy;
let player: Player;
let census: Census;

beforeAll(async () => {
  const logging = { filter: makeTelemetryFilterString({ core: 'ERROR' }), forward: {} };
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger, telemetryOptions: { logging }, shutdownSignals: [] });
  copy = plantedCopy();
  player = new Player(await buildPlayer(copy));
  const gate = new ReplayGate(await buildWorkflows(copy));
  census = await Census.open({ copy, player, gate });
}, 180_000);

afterAll(() => {
  player.stop();
  copy.remove();
});

describe('a mutant of the workflow code', () => {
  test('is made in every way there is, and of every file', () => {
    const kinds = new Set(copy.mutants.map(({ kind }) => kind));
    expect([...kinds].toSorted()).toEqual([
      'add',
      'await',
      'branches',
      'condition',
      'loop',
      'remove',
      'reorder',
      'repeat',
      'retype',
    ]);
    const files = new Set(copy.mutants.map(({ file }) => file));
    expect([...copy.sources.keys()].filter((file) => !files.has(file))).toEqual([]);
  });

  test(
    'that changes the commands of a story does not replay, 95 times in 100',
    async () => {
      for (const mutant of sampleOf(copy.mutants, { size, seed })) {
        await census.judge(mutant);
        if (census.judged.length % sayEvery === 0) say();
      }
      say();
      expect(census.count('caught')).toBeGreaterThan(0);
      expect(census.share()).toBeGreaterThanOrEqual(caughtMin);
    },
    size > 80 ? longMs : 600_000,
  );
});

function say(): void {
  const lines = [`seed ${seed}, of ${copy.mutants.length} mutants in all`, ...census.lines()];
  process.stdout.write(`${lines.join('\n')}\n`);
  mkdirSync(pathOf('dist/mutants'), { recursive: true });
  const report = census.judged.map(({ mutant, ...rest }) => ({ ...mutant, ...rest }));
  writeFileSync(pathOf('dist/mutants/mutants.json'), JSON.stringify(report, null, 1));
}
