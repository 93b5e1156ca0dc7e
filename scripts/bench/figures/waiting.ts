/** What one run that waits for people costs in the worker: how the worker's memory grows with their number. */
import { randomUUID } from 'node:crypto';
import { runsTaskQueue } from '../../../workers/intake/temporal-runs.js';
import { figureOf, type Figure } from '../rig/figure.js';
import type { Bare, Ground } from '../rig/ground.js';
import { allWaiting } from '../rig/runs.js';
import { readMemory } from '../rig/side-door.js';
import type { Size } from '../rig/size.js';
import { slope } from '../rig/statistics.js';

const kilobytesMax = 150;

/** The resident set, after a full collection in both threads, over steps of more and more waiting runs; its slope. */
export async function measureWaiting(ground: Ground, size: Size): Promise<Figure[]> {
  const bare = await ground.waiting();
  await open(ground, bare, size.waitingStep);
  const points: { x: number; y: number }[] = [];
  for (let step = 0; step <= size.waitingSteps; step += 1) {
    if (step > 0) await open(ground, bare, size.waitingStep);
    const { rssBytes } = await collected(bare);
    points.push({ x: step * size.waitingStep, y: rssBytes / 1024 });
    ground.log(`${(step + 1) * size.waitingStep} runs wait: ${Math.round(rssBytes / 1024)} KB`);
  }
  return [
    figureOf({ name: 'waiting-run', value: slope(points), unit: 'KB', atMost: kilobytesMax }),
  ];
}

async function open(ground: Ground, { client }: Bare, count: number): Promise<void> {
  const fired = Array.from({ length: count }, () => ground.alerts.next('asks'));
  for (const { run, alert } of fired) {
    const args = [{ alert, trigger: 'alert' }];
    const options = { workflowId: run, taskQueue: runsTaskQueue, args };
    await client.workflow.start('restartService', options);
  }
  const runs = fired.map(({ run }) => run);
  await allWaiting(await ground.db(), runs);
}

async function collected({ client, worker }: Bare) {
  const workflowId = `collect-${randomUUID()}`;
  const options = { workflowId, taskQueue: runsTaskQueue, args: [] };
  const done: unknown = await client.workflow.execute('collectGarbage', options);
  if (done !== true) throw new Error('garbage could not be collected in the workflow thread');
  return readMemory(worker.doorUrl);
}
