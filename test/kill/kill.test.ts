/**
 * Any worker may be killed at any instant: a real one kills itself at every moment of a run at which that can make a
 * difference, another takes over, and the run ends as if nothing had been. BELAY_LONG=1 leaves out none of the ten steps'.
 */
import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runIdOf, type Alert } from '../../workflows/domain/alert.js';
import type { Report } from '../../workflows/progress.js';
import { workflowTypeOf, type RunInput } from '../../workflows/runbook.js';
import { alertOf } from '../support/simulator/simulator.js';
import { openGround, type DoomedWorker, type Ground } from './ground.js';
import type { Doom } from './moments.js';
import { faultsOf } from './oracle.js';
import { changeTen, changeTwo } from './runbooks.js';

const isLong = process.env['BELAY_LONG'] === '1';
const seed = Number(process.env['BELAY_SEED'] ?? randomInt(1000));
/** Queues whose workers are killed side by side: while one waits for Temporal to notice, another works. */
const lanesMax = Number(process.env['BELAY_KILL_LANES'] ?? 5);
/** A killed worker's task is given to another after this long; in production after ten seconds. */
const taskTimeoutMs = 3_000;
/** Moments that need not come again, because they came of the machine's slowness. */
const missedMax = 3;
/** Of a run with a death in it; half a minute is usual on a slow machine. */
const endsWithinMs = 180_000;

let ground: Ground;

beforeAll(async () => {
  ground = await openGround();
}, 180_000);

afterAll(async () => {
  await ground.stop();
}, 60_000);

interface Case {
  readonly steps: number;
  readonly runbook: string;
}

const two: Case = { steps: 2, runbook: changeTwo.meta.name };
const ten: Case = { steps: 10, runbook: changeTen.meta.name };

interface NewRun extends Case {
  readonly run: string;
  readonly alert: Alert;
}

let runs = 0;

/** About a service of its own, not started yet. */
function newRun(what: Case): NewRun {
  const service = ground.services[runs] ?? '';
  runs += 1;
  const startsAt = new Date().toISOString();
  const alert = alertOf('RetryStorm', { service, fingerprint: `kill-${runs}`, startsAt });
  return { ...what, alert, run: runIdOf(what.runbook, alert) };
}

async function start({ run, runbook, alert }: NewRun, taskQueue: string): Promise<void> {
  const input: RunInput = { alert, trigger: 'alert' };
  await ground.client.workflow.start(workflowTypeOf(runbook), {
    workflowId: run,
    taskQueue,
    args: [input],
    workflowTaskTimeout: taskTimeoutMs,
  });
}

/** Throws with what it was waited for when it does not come. */
async function inTime<Result>(work: Promise<Result>, what: string): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${what}: not within ${endsWithinMs / 1000} s`));
    }, endsWithinMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function reportOf(run: string): Promise<Report> {
  return inTime(ground.client.workflow.getHandle(run).result() as Promise<Report>, run);
}

/**
 * The moments of a run that nothing happened to. Idle it is while it watches; that it is so after its run's end makes no
 * difference, and on a slow machine it may seem so in between.
 */
async function momentsOf(what: Case): Promise<string[]> {
  const { run, ...rest } = newRun(what);
  const queue = `undisturbed-${what.steps}`;
  const worker = await ground.startWorker({ queue, doom: { run, moment: '' } });
  await start({ run, ...rest }, queue);
  const report = await reportOf(run);
  await worker.stop();
  expect(await faultsOf(ground, { report, steps: what.steps })).toEqual([]);
  const isIdle = (moment: string): boolean => moment.startsWith('idle');
  const all = worker.moments();
  const moments = all.slice(0, all.findLastIndex((moment) => !isIdle(moment)) + 1);
  const watching = moments.findLast(isIdle);
  return moments.filter((moment) => !isIdle(moment) || moment === watching);
}

interface Death {
  readonly moment: string;
  /** False when the run was over before: on a slow machine Temporal gives out a run in other portions. */
  readonly came: boolean;
  /** Events of the run when its worker was gone. */
  readonly historyLength: number;
  readonly faults: readonly string[];
}

interface Lane {
  readonly queue: string;
  readonly what: Case;
  readonly careless?: true;
}

/** One worker after the other: each takes over from the one that died before it, and then dies in a run of its own. */
async function killAtEach(lane: Lane, moments: readonly string[]): Promise<Death[]> {
  const deaths: Death[] = [];
  const doomed = moments.map((moment) => ({ moment, run: newRun(lane.what) }));
  let worker = await workerFor(lane, doomed[0]);
  for (const [index, { moment, run }] of doomed.entries()) {
    await start(run, lane.queue);
    const present = worker;
    const outlived = reportOf(run.run).then(() => present.stop());
    const how = await Promise.race([present.ended, outlived]);
    const came = how === 'ended by SIGKILL';
    const { historyLength } = await ground.client.workflow.getHandle(run.run).describe();
    worker = await workerFor(lane, doomed[index + 1]);
    const report = await reportOf(run.run);
    const faults = await faultsOf(ground, { ...run, report });
    deaths.push({ moment, came, historyLength, faults });
  }
  await worker.stop();
  return deaths;
}

function workerFor(
  { queue, careless }: Lane,
  next: { readonly moment: string; readonly run: NewRun } | undefined,
): Promise<DoomedWorker> {
  const doom: Doom = { run: next?.run.run ?? '', moment: next?.moment ?? '' };
  return ground.startWorker({ queue, doom, ...(careless === undefined ? {} : { careless }) });
}

/** In lanes side by side, each with every so-manieth moment. */
async function killAt(what: Case, moments: readonly string[]): Promise<Death[]> {
  const count = Math.min(lanesMax, moments.length);
  const lanes = Array.from({ length: count }, (_, lane) => {
    const mine = moments.filter((_moment, index) => index % count === lane);
    return killAtEach({ queue: `lane-${what.steps}-${lane}`, what }, mine);
  });
  return (await Promise.all(lanes)).flat();
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function tell({ steps }: Case, deaths: readonly Death[], all: readonly string[]): void {
  const missed = deaths.filter(({ came }) => !came).map(({ moment }) => moment);
  const lengths = new Set(deaths.map(({ historyLength }) => historyLength));
  const sorted = [...lengths].toSorted((left, right) => left - right);
  const killed = deaths.length - missed.length;
  say(`${steps} steps: killed at ${killed} of ${all.length} moments, seed ${seed}`);
  if (missed.length > 0) say(`  did not come to: ${missed.join(', ')}`);
  say(`  with histories of ${sorted.join(', ')} events`);
}

function faultsIn(deaths: readonly Death[]): string[] {
  return deaths.flatMap(({ moment, faults }) => faults.map((fault) => `${moment}: ${fault}`));
}

describe('a worker killed at any moment of a run costs time and nothing else', () => {
  test.each([
    ['two', two, 1],
    ['ten', ten, isLong ? 1 : 3],
  ])(
    'of %s steps',
    async (_, what, stride) => {
      const moments = await momentsOf(what);
      expect(new Set(moments).size).toBe(moments.length);
      for (const kind of ['history grown', 'store.admit ended', 'begins', 'done', 'idle']) {
        expect(moments.filter((moment) => moment.includes(kind))).not.toEqual([]);
      }
      const chosen = moments.filter((_moment, index) => index % stride === seed % stride);
      const deaths = await killAt(what, chosen);
      tell(what, deaths, moments);
      expect(faultsIn(deaths)).toEqual([]);
      const killed = deaths.filter(({ came }) => came).length;
      expect(killed).toBeGreaterThanOrEqual(chosen.length - missedMax);
    },
    3_600_000,
  );

  test('but for an adapter that does not look for its own effect, which is found out', async () => {
    const lane: Lane = { queue: 'careless', what: two, careless: true };
    const [moment] = (await momentsOf(two)).filter((name) => name.includes('done'));
    const deaths = await killAtEach(lane, [moment ?? 'none']);
    expect(faultsIn(deaths).join()).toContain('the effects');
  }, 400_000);
});
