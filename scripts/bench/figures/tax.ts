/**
 * What the engine costs over a workflow written by hand that makes the same calls, the same effect and the same ledger
 * lines: whole runs a second of both, started alike, in turn.
 */
import { runsTaskQueue } from '../../../workers/intake/temporal-runs.js';
import { runIdOf } from '../../../workflows/domain/alert.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { figureOf, type Figure } from '../rig/figure.js';
import type { Bare, Ground } from '../rig/ground.js';
import { allResolved } from '../rig/runs.js';
import type { Size } from '../rig/size.js';
import { sum } from '../rig/statistics.js';

interface Side {
  readonly title: 'engine' | 'by-hand';
  readonly on: Bare;
  readonly workflowType: string;
  readonly runbook: string;
}

const taxMin = 0.85;
/** What one side leaves to be done after its outcomes is not to be paid by the other. */
const restMs = 1_000;

export async function measureTax(ground: Ground, size: Size): Promise<Figure[]> {
  const engine: Side = {
    title: 'engine',
    on: await ground.engine(),
    workflowType: 'restartService',
    runbook: 'restart-service',
  };
  const byHand: Side = {
    title: 'by-hand',
    on: await ground.bare(),
    workflowType: 'byHand',
    runbook: 'by-hand',
  };
  for (const side of [engine, byHand]) await timed(ground, side, size.warmUps);
  const spentMs = { engine: [] as number[], 'by-hand': [] as number[] };
  for (let round = 1; round <= size.rounds * 2; round += 1) {
    ground.log(`round ${round} of ${size.rounds * 2}: ${size.taxRuns} runs of each`);
    const order = round % 2 === 0 ? [engine, byHand] : [byHand, engine];
    for (const side of order) spentMs[side.title].push(await timed(ground, side, size.taxRuns));
  }
  const rate = (spent: readonly number[]) => (size.taxRuns * spent.length * 1000) / sum(spent);
  const [ours, theirs] = [rate(spentMs.engine), rate(spentMs['by-hand'])];
  return [
    figureOf({ name: 'engine-whole-runs', value: ours, unit: 'runs/s' }),
    figureOf({ name: 'by-hand-whole-runs', value: theirs, unit: 'runs/s' }),
    figureOf({ name: 'engine-over-by-hand', value: ours / theirs, unit: 'x', atLeast: taxMin }),
  ];
}

/** Milliseconds from the first start until the last outcome is committed. */
async function timed(ground: Ground, side: Side, count: number): Promise<number> {
  const alerts = Array.from({ length: count }, () => ground.alerts.next('heals').alert);
  const startedMs = Date.now();
  const runs = await Promise.all(
    alerts.map(async (alert) => {
      const workflowId = runIdOf(side.runbook, alert);
      const args = [{ alert, trigger: 'alert' }];
      const options = { workflowId, taskQueue: runsTaskQueue, args };
      await side.on.client.workflow.start(side.workflowType, options);
      return workflowId;
    }),
  );
  const endedMs = await allResolved(await ground.db(), runs);
  await sleep(restMs);
  return endedMs - startedMs;
}
