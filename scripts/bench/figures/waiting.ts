/**
 * What runs that wait for people cost as they grow in number: memory of the worker, and how long one of them takes from a person's
 * signal to its effect. Those woken are the oldest: beyond what a worker keeps in memory they are replayed first.
 */
import { randomUUID } from 'node:crypto';
import { runsTaskQueue } from '../../../workers/intake/temporal-runs.js';
import { clockMs } from '../rig/clock.js';
import { figureOf, type Figure } from '../rig/figure.js';
import type { Bare, Ground } from '../rig/ground.js';
import { atPace } from '../rig/pace.js';
import { allResolved, allWaiting } from '../rig/runs.js';
import { readMemory } from '../rig/side-door.js';
import type { Size } from '../rig/size.js';
import { percentile, slope } from '../rig/statistics.js';

const kilobytesMax = 150;
/** Runs are opened in batches: each must wait before the next batch, so that none is too old when it is woken. */
const batchMax = 250;
const wakesPerSecond = 20;
/** A worker keeps 2,000 runs in memory, so memory grows up to there only; below 100 it is the worker's own warming up. */
const slopeFrom = 100;
const slopeTo = 2_000;

interface Open {
  readonly run: string;
  readonly plan: string;
}

export async function measureWaiting(ground: Ground, size: Size): Promise<Figure[]> {
  const bare = await ground.waiting();
  const waiting: Open[] = [];
  await openUpTo(ground, { bare, waiting, count: size.wakes });
  await wake(ground, bare, waiting.splice(0, size.wakes)); // warm-up
  const points: { x: number; y: number }[] = [];
  const figures: Figure[] = [];
  for (const count of size.waitingRuns) {
    await openUpTo(ground, { bare, waiting, count });
    const { rssBytes } = await collected(bare);
    points.push({ x: count, y: rssBytes / 1024 });
    ground.log(`${count} runs wait: ${Math.round(rssBytes / 1024 / 1024)} MB`);
    const ms = await wake(ground, bare, waiting.splice(0, Math.min(size.wakes, count)));
    ground.keep({ what: `wake-of-${count}-waiting`, perSecond: wakesPerSecond, round: 1, ms });
    figures.push(...figuresAt(count, rssBytes, ms));
  }
  return [
    figureOf({ name: 'waiting-run', value: slopeOf(points), unit: 'KB', atMost: kilobytesMax }),
    ...figures,
    ...growth(size.waitingRuns, figures),
  ];
}

function figuresAt(count: number, rssBytes: number, ms: readonly number[]): Figure[] {
  const of = (share: number) => percentile(ms, share);
  return [
    figureOf({ name: `worker-memory-at-${count}-waiting`, value: rssBytes / 2 ** 20, unit: 'MB' }),
    figureOf({ name: `wake-p50-at-${count}-waiting`, value: of(0.5), unit: 'ms' }),
    figureOf({ name: `wake-p99-at-${count}-waiting`, value: of(0.99), unit: 'ms' }),
  ];
}

/** Of the points that tell something; of all where there are too few. */
function slopeOf(points: readonly { readonly x: number; readonly y: number }[]): number {
  const telling = points.filter(({ x }) => x >= slopeFrom && x <= slopeTo);
  return slope(telling.length > 1 ? telling : points);
}

/** Waking among the most that wait over waking among the fewest. */
function growth(counts: readonly number[], figures: readonly Figure[]): Figure[] {
  const p50At = (count: number | undefined) =>
    figures.find(({ name }) => name === `wake-p50-at-${count ?? 0}-waiting`)?.value ?? Number.NaN;
  const [fewest, most] = [counts[0], counts.at(-1)];
  const name = `wake-p50-of-${most ?? 0}-over-${fewest ?? 0}-waiting`;
  return [figureOf({ name, value: p50At(most) / p50At(fewest), unit: 'x', better: 'lower' })];
}

/** The newest last. */
async function openUpTo(
  ground: Ground,
  {
    bare,
    waiting,
    count,
  }: { readonly bare: Bare; readonly waiting: Open[]; readonly count: number },
): Promise<void> {
  while (waiting.length < count) {
    waiting.push(...(await open(ground, bare, Math.min(batchMax, count - waiting.length))));
  }
}

async function open(ground: Ground, { client }: Bare, count: number): Promise<Open[]> {
  const fired = Array.from({ length: count }, () => ground.alerts.next('asks'));
  for (const { run, alert } of fired) {
    const args = [{ alert, trigger: 'alert' }];
    const options = { workflowId: run, taskQueue: runsTaskQueue, args };
    await client.workflow.start('restartService', options);
  }
  const runs = fired.map(({ run }) => run);
  const plans = await allWaiting(await ground.db(), runs);
  return runs.map((run) => ({ run, plan: plans.get(run) ?? '' }));
}

/** Milliseconds from the signal to the effect. */
async function wake(
  ground: Ground,
  { client, worker }: Bare,
  oldest: readonly Open[],
): Promise<number[]> {
  const pace = { perSecond: wakesPerSecond, count: oldest.length };
  const sent = await atPace(pace, async (index) => {
    const { run, plan } = oldest[index] ?? { run: '', plan: '' };
    const sentMs = clockMs();
    await client.workflow.getHandle(run).signal('approve', { plan, by: 'bench', note: '' });
    return sentMs;
  });
  const runs = oldest.map(({ run }) => run);
  const starts = await worker.startsOf(runs.map((run) => `${run}/restart`));
  await allResolved(await ground.db(), runs);
  return sent.map((sentMs, index) => (starts[index] ?? Number.NaN) - sentMs);
}

async function collected({ client, worker }: Bare) {
  const workflowId = `collect-${randomUUID()}`;
  const options = { workflowId, taskQueue: runsTaskQueue, args: [] };
  const done: unknown = await client.workflow.execute('collectGarbage', options);
  if (done !== true) throw new Error('garbage could not be collected in the workflow thread');
  return readMemory(worker.doorUrl);
}
