/** One process of the bench: this program again, told which part to play. Knows nothing of what is measured. */
import { join, resolve } from 'node:path';
import { nodeFlags } from '../../engine/belay-process.js';
import { startChild, type Child } from '../../servers/child.js';
import { freePort } from '../../servers/port.js';
import { isOpen, takeEffects } from './side-door.js';
import { until } from './until.js';

export interface Part extends Child {
  readonly doorUrl: string;
  /** When each of these operations started, in their order. Throws when one has not started in a minute. */
  startsOf(operations: readonly string[]): Promise<number[]>;
}

const startsWithinMs = 60_000;

/** A worker over the sink, with these settings. Resolves once it takes runs. */
export async function startWorkerPart(options: {
  readonly name: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Answers 200 once it takes alerts too; left out for a worker that takes none. */
  readonly readyUrl?: string | undefined;
}): Promise<Part> {
  const port = await freePort();
  const doorUrl = `http://127.0.0.1:${port}`;
  const child = await startChild({
    name: options.name,
    program: process.execPath,
    args: [...flags(), process.argv[1] ?? '', 'part', 'worker'],
    env: {
      ...options.env,
      BELAY_BENCH_DOOR: String(port),
      BELAY_WORKER_METRICS_PORT: String(await freePort()),
    },
    logFile: join(options.folder, `${options.name}.log`),
    ready: async () => (await isOpen(doorUrl)) && (await isReady(options.readyUrl)),
  });
  const known = new Map<string, number>();
  return { ...child, doorUrl, startsOf: (operations) => startsOf(doorUrl, operations, known) };
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
