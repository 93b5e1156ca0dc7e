/** One process of the bench: this program again, told which part to play. Knows nothing of what is measured. */
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeFlags } from '../../engine/belay-process.js';
import { startChild, type Child } from '../../servers/child.js';
import { freePort } from '../../servers/port.js';
import { clockMs } from './clock.js';
import { isOpen, takeEffects } from './side-door.js';
import { until } from './until.js';

export interface Part extends Child {
  readonly doorUrl: string;
  /** From its start until it was ready. */
  readonly startedWithinMs: number;
  /** When each of these operations started, in their order. Throws when one has not started in a minute. */
  startsOf(operations: readonly string[]): Promise<number[]>;
  /** The same, and Infinity for those that have not started in that time. */
  startsWithin(operations: readonly string[], withinMs: number): Promise<number[]>;
}

const startsWithinMs = 60_000;
const readyWithinMs = 90_000;
const pollEveryMs = 50;

export interface PartPlan {
  readonly name: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Answers 200 once it takes alerts too; left out for a worker that takes none. */
  readonly readyUrl?: string | undefined;
}

/** A worker over the sink, with these settings. Resolves once it takes runs. */
export function startWorkerPart(plan: PartPlan): Promise<Part> {
  return startPart('worker', plan);
}

/** A process that notes each effect it is called for, and does nothing else. */
export function startSinkPart(plan: PartPlan): Promise<Part> {
  return startPart('sink', plan);
}

async function startPart(role: 'worker' | 'sink', plan: PartPlan): Promise<Part> {
  const port = await freePort();
  const doorUrl = `http://127.0.0.1:${port}`;
  const startedMs = clockMs();
  const child = await startChild({
    name: plan.name,
    program: process.execPath,
    args: [...flags(), process.argv[1] ?? '', 'part', role],
    env: {
      ...plan.env,
      BELAY_BENCH_DOOR: String(port),
      BELAY_WORKER_METRICS_PORT: String(await freePort()),
    },
    logFile: join(plan.folder, `${plan.name}.log`),
    ready: async () => (await isOpen(doorUrl)) && (await isReady(plan.readyUrl)),
    readyWithinMs,
  });
  const startedWithinMs = clockMs() - startedMs;
  const known = new Map<string, number>();
  return {
    ...child,
    doorUrl,
    startedWithinMs,
    startsOf: (operations) => startsOf(doorUrl, operations, known),
    startsWithin: (operations, withinMs) => startsWithin({ doorUrl, known, withinMs }, operations),
  };
}

async function isReady(url: string | undefined): Promise<boolean> {
  return url === undefined || (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
}

/** As in production, and: with BELAY_BENCH_PROFILE each thread leaves a CPU profile in that folder when it ends. */
function flags(): string[] {
  const folder = process.env['BELAY_BENCH_PROFILE'];
  const profiling = folder ? ['--cpu-prof', `--cpu-prof-dir=${resolve(folder)}`] : [];
  return [...nodeFlags(), '--expose-gc', ...profiling];
}

async function startsOf(
  doorUrl: string,
  operations: readonly string[],
  known: Map<string, number>,
): Promise<number[]> {
  const what = `the start of ${operations.length} effects`;
  return until({ what, withinMs: startsWithinMs }, async () => {
    for (const [operation, atMs] of await takeEffects(doorUrl)) known.set(operation, atMs);
    const starts = operations.flatMap((operation) => known.get(operation) ?? []);
    return starts.length === operations.length ? starts : undefined;
  });
}

async function startsWithin(
  asked: { doorUrl: string; known: Map<string, number>; withinMs: number },
  operations: readonly string[],
): Promise<number[]> {
  const { doorUrl, known, withinMs } = asked;
  const untilMs = clockMs() + withinMs;
  for (;;) {
    for (const [operation, atMs] of await takeEffects(doorUrl)) known.set(operation, atMs);
    const starts = operations.map((operation) => known.get(operation) ?? Number.POSITIVE_INFINITY);
    if (starts.every(Number.isFinite) || clockMs() > untilMs) return starts;
    await sleep(pollEveryMs);
  }
}
