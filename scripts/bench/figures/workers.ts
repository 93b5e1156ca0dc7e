/**
 * Whole runs a second of one, two and three worker processes on one server and one store. On a machine whose processors are all
 * taken by one worker, its server and its database, more workers can only cost: then that is what this shows.
 */
import { join } from 'node:path';
import { projectFolder } from '../../engine/project-folder.js';
import { runsTaskQueue } from '../../../workers/intake/temporal-runs.js';
import { figureOf, type Figure } from '../rig/figure.js';
import type { Bare, Ground } from '../rig/ground.js';
import { allResolved } from '../rig/runs.js';
import type { Size } from '../rig/size.js';
import { median } from '../rig/statistics.js';

export async function measureWorkers(ground: Ground, size: Size): Promise<Figure[]> {
  const workers: Bare[] = [];
  const rates: { count: number; rate: number }[] = [];
  for (const count of size.workers) {
    while (workers.length < count) workers.push(await startOne(ground, workers.length + 1));
    const [first] = workers;
    if (first === undefined) continue;
    await play(ground, first, size.warmUps);
    ground.log(`${count} workers: ${size.rounds} times ${size.workerRuns} runs`);
    const found: number[] = [];
    for (let round = 1; round <= size.rounds; round += 1) {
      found.push(await play(ground, first, size.workerRuns));
    }
    rates.push({ count, rate: median(found) });
  }
  for (const { worker } of workers) await worker.stop();
  return [
    ...rates.map(({ count, rate }) => {
      return figureOf({ name: `whole-runs-of-${count}-workers`, value: rate, unit: 'runs/s' });
    }),
    ...growth(rates),
  ];
}

function growth(rates: readonly { readonly count: number; readonly rate: number }[]): Figure[] {
  const [first, last] = [rates[0], rates.at(-1)];
  if (first === undefined || last === undefined || first === last) return [];
  const name = `whole-runs-of-${last.count}-over-${first.count}-workers`;
  return [figureOf({ name, value: last.rate / first.rate, unit: 'x', better: 'higher' })];
}

/** An effect and the looks after it may be of different workers: their world must be one that none of them holds. */
function startOne(ground: Ground, number: number): Promise<Bare> {
  return ground.worker({
    name: `worker-${number}`,
    bundleFile: join(projectFolder(), 'dist/workflow-bundle.js'),
    env: { BELAY_BENCH_WORLD: 'forgetful' },
  });
}

/** Runs a second, all started at once, until the last outcome is committed. */
async function play(ground: Ground, { client }: Bare, count: number): Promise<number> {
  const fired = Array.from({ length: count }, () => ground.alerts.next('heals'));
  const startedMs = Date.now();
  await Promise.all(
    fired.map(({ alert, run }) => {
      const args = [{ alert, trigger: 'alert' }];
      const options = { workflowId: run, taskQueue: runsTaskQueue, args };
      return client.workflow.start('restartService', options);
    }),
  );
  const runs = fired.map(({ run }) => run);
  const endedMs = await allResolved(await ground.db(), runs);
  return (count * 1000) / (endedMs - startedMs);
}
