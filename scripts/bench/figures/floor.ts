/** What Temporal itself costs: a bare workflow, from its start until its one activity runs. The floor of everything else. */
import { randomUUID } from 'node:crypto';
import { runsTaskQueue } from '../../../workers/intake/temporal-runs.js';
import { clockMs } from '../rig/clock.js';
import { figureOf, type Figure } from '../rig/figure.js';
import type { Bare, Ground } from '../rig/ground.js';
import { atPace, type Pace } from '../rig/pace.js';
import type { Size } from '../rig/size.js';
import { interleaved, type Series } from './latency.js';

const floorName = 'temporal-floor';
const untunedName = 'temporal-untuned';
const bothAt = 20;

/** With the server tuned and as it comes, in turn. */
export async function measureFloor(ground: Ground, size: Size): Promise<Figure[]> {
  const tuned = await floorSeries(
    floorName,
    { on: await ground.bare(), perSecond: [20, 40] },
    size,
  );
  const untuned = await floorSeries(
    untunedName,
    { on: await ground.untuned(), perSecond: [bothAt] },
    size,
  );
  const samples = await interleaved({
    series: [tuned, untuned],
    size,
    log: ground.log,
    keep: ground.keep,
  });
  const ratio =
    samples.percentile(untunedName, bothAt, 0.5) / samples.percentile(floorName, bothAt, 0.5);
  return [
    ...[20, 40].flatMap((perSecond) => samples.figures(floorName, perSecond)),
    ...samples.figures(untunedName, bothAt),
    figureOf({
      name: `temporal-untuned-over-tuned-p50-at-${bothAt}`,
      value: ratio,
      unit: 'x',
      better: 'higher',
    }),
  ];
}

/** Warmed up when it resolves. */
export async function floorSeries(
  title: string,
  { on, perSecond }: { readonly on: Bare; readonly perSecond: readonly number[] },
  { warmUps }: Size,
): Promise<Series> {
  await loadBare(on, { perSecond: 20, count: warmUps });
  return { title, perSecond, load: async (pace) => ({ [title]: await loadBare(on, pace) }) };
}

/** Bare workflows started all at once, until the last of them has ended; per second. */
export async function bareBurst({ client }: Bare, count: number): Promise<number> {
  const startedMs = Date.now();
  await Promise.all(
    Array.from({ length: count }, () => {
      const options = { workflowId: `bare-${randomUUID()}`, taskQueue: runsTaskQueue, args: [] };
      return client.workflow.execute('bare', options);
    }),
  );
  return (count * 1000) / (Date.now() - startedMs);
}

async function loadBare({ client, worker }: Bare, pace: Pace): Promise<number[]> {
  const started = await atPace(pace, async () => {
    const workflowId = `bare-${randomUUID()}`;
    const sentMs = clockMs();
    const options = { workflowId, taskQueue: runsTaskQueue, args: [] };
    const handle = await client.workflow.start('bare', options);
    return { workflowId, sentMs, handle };
  });
  const starts = await worker.startsOf(started.map(({ workflowId }) => workflowId));
  await Promise.all(started.map(({ handle }) => handle.result()));
  return started.map(({ sentMs }, index) => (starts[index] ?? Number.NaN) - sentMs);
}
