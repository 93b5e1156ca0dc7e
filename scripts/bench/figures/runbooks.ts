/** What more runbooks cost: building their bundle, its size, starting a worker on it, and one run among so many. */
import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { runsTaskQueue } from '../../../workers/intake/temporal-runs.js';
import { runIdOf } from '../../../workflows/domain/alert.js';
import { clockMs } from '../rig/clock.js';
import { figureOf, type Figure } from '../rig/figure.js';
import { bundleGenerated, generatedName, generatedType } from '../rig/generated-runbooks.js';
import type { Bare, Ground } from '../rig/ground.js';
import { allResolved } from '../rig/runs.js';
import { readMemory } from '../rig/side-door.js';
import type { Size } from '../rig/size.js';
import { percentile } from '../rig/statistics.js';

interface Point {
  readonly count: number;
  readonly buildMs: number;
  readonly bytes: number;
  readonly startMs: number;
  readonly rssBytes: number;
  /** From the start call to the effect, one run after another. */
  readonly runsMs: readonly number[];
}

export async function measureRunbooks(ground: Ground, size: Size): Promise<Figure[]> {
  const points: Point[] = [];
  for (const count of size.runbooks) {
    ground.log(`${count} runbooks: bundle`);
    const bundle = await bundleGenerated(count, ground.folder);
    const plan = { name: `runbooks-${count}`, bundleFile: bundle.file };
    await (await ground.worker(plan)).worker.stop(); // the first one starts the server too, and reads cold files
    const bare = await ground.worker(plan);
    ground.log(`${count} runbooks: ${size.runbookRuns} runs`);
    const runsMs = await runOneByOne(ground, { bare, count, runs: size.runbookRuns });
    const { rssBytes } = await readMemory(bare.worker.doorUrl);
    await bare.worker.stop();
    await rm(dirname(bundle.file), { recursive: true });
    ground.keep({ what: `run-of-${count}-runbooks`, perSecond: null, round: 1, ms: runsMs });
    const { builtWithinMs: buildMs, bytes } = bundle;
    points.push({ count, buildMs, bytes, startMs: bare.worker.startedWithinMs, rssBytes, runsMs });
  }
  return [...points.flatMap(figuresAt), ...growth(points)];
}

function figuresAt({ count, buildMs, bytes, startMs, rssBytes, runsMs }: Point): Figure[] {
  const at = `at-${count}-runbooks`;
  return [
    figureOf({ name: `bundle-build-${at}`, value: buildMs / 1000, unit: 's' }),
    figureOf({ name: `bundle-size-${at}`, value: bytes / 1024, unit: 'KB' }),
    figureOf({ name: `worker-start-${at}`, value: startMs / 1000, unit: 's' }),
    figureOf({ name: `worker-memory-${at}`, value: rssBytes / 2 ** 20, unit: 'MB' }),
    figureOf({ name: `start-to-effect-p50-${at}`, value: percentile(runsMs, 0.5), unit: 'ms' }),
  ];
}

function growth(points: readonly Point[]): Figure[] {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || first === last) return [];
  const span = `of-${last.count}-over-${first.count}-runbooks`;
  const effect = percentile(last.runsMs, 0.5) / percentile(first.runsMs, 0.5);
  return [
    figureOf({
      name: `worker-start-${span}`,
      value: last.startMs / first.startMs,
      unit: 'x',
      better: 'lower',
    }),
    figureOf({ name: `start-to-effect-${span}`, value: effect, unit: 'x', better: 'lower' }),
  ];
}

/** Milliseconds; the first run alone is not counted, since it compiles. */
async function runOneByOne(
  ground: Ground,
  { bare, count, runs }: { readonly bare: Bare; readonly count: number; readonly runs: number },
): Promise<number[]> {
  const latencies: number[] = [];
  const ids: string[] = [];
  for (let index = 0; index <= runs; index += 1) {
    const chosen = index % count;
    const { alert } = ground.alerts.next('heals');
    const workflowId = runIdOf(generatedName(chosen), alert);
    const args = [{ alert, trigger: 'alert' }];
    const options = { workflowId, taskQueue: runsTaskQueue, args };
    const startedMs = clockMs();
    await bare.client.workflow.start(generatedType(chosen), options);
    const [effectMs = Number.NaN] = await bare.worker.startsOf([`${workflowId}/restart`]);
    if (index > 0) latencies.push(effectMs - startedMs);
    ids.push(workflowId);
  }
  await allResolved(await ground.db(), ids);
  return latencies;
}
