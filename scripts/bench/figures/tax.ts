/**
 * What the engine costs over a workflow written by hand that makes the same calls, the same effect and the same ledger
 * lines: whole runs a second of both, started alike, in turn.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { runsTaskQueue } from '../../../workers/intake/temporal-runs.js';
import { runIdOf } from '../../../workflows/domain/alert.js';
import { figureOf, type Figure } from '../rig/figure.js';
import type { Bare, Ground } from '../rig/ground.js';
import { allResolved } from '../rig/runs.js';
import type { Size } from '../rig/size.js';
import { sum } from '../rig/statistics.js';
import { readCpuMs } from '../rig/side-door.js';

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
  const sides = [engine, byHand];
  for (const side of sides) await warm(ground, side, size.warmUps);
  const spent: Record<Side['title'], Spent[]> = { engine: [], 'by-hand': [] };
  for (let round = 1; round <= size.rounds * 2; round += 1) {
    ground.log(`round ${round} of ${size.rounds * 2}: ${size.taxRuns} runs of each`);
    const inTurn = round % 2 === 0 ? sides : sides.toReversed();
    for (const side of inTurn) spent[side.title].push(await play(ground, side, size.taxRuns));
  }
  return figuresOf(spent, size.taxRuns);
}

interface Spent {
  /** From the first start until the last outcome is committed. */
  readonly wallMs: number;
  /** Of the worker. */
  readonly cpuMs: number;
}

function figuresOf(spent: Record<Side['title'], Spent[]>, runs: number): Figure[] {
  const of = (title: Side['title'], kind: keyof Spent): number => {
    return sum(spent[title].map((one) => one[kind])) / (runs * spent[title].length);
  };
  const rate = (title: Side['title']): number => 1000 / of(title, 'wallMs');
  const cpu = (title: Side['title']): number => of(title, 'cpuMs');
  return [
    figureOf({ name: 'engine-whole-runs', value: rate('engine'), unit: 'runs/s' }),
    figureOf({ name: 'by-hand-whole-runs', value: rate('by-hand'), unit: 'runs/s' }),
    figureOf({
      name: 'engine-over-by-hand',
      value: rate('engine') / rate('by-hand'),
      unit: 'x',
      better: 'higher',
      atLeast: taxMin,
    }),
    figureOf({ name: 'engine-worker-cpu-per-run', value: cpu('engine'), unit: 'ms' }),
    figureOf({ name: 'by-hand-worker-cpu-per-run', value: cpu('by-hand'), unit: 'ms' }),
  ];
}

/** One run alone first: what is read or compiled once is not read by a hundred at the same time. */
async function warm(ground: Ground, side: Side, count: number): Promise<void> {
  await play(ground, side, 1);
  await play(ground, side, count);
}

async function play(ground: Ground, side: Side, count: number): Promise<Spent> {
  const { worker } = side.on;
  const alerts = Array.from({ length: count }, () => ground.alerts.next('heals').alert);
  const cpuBeforeMs = await readCpuMs(worker.doorUrl);
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
  const wallMs = (await allResolved(await ground.db(), runs)) - startedMs;
  await sleep(restMs);
  return { wallMs, cpuMs: (await readCpuMs(worker.doorUrl)) - cpuBeforeMs };
}
