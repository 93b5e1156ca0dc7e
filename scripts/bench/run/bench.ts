/** The bench's command line: which families, how much, and how it is told. Measures nothing itself. */
import { parseArgs } from 'node:util';
import { families, type Family } from '../figures/index.js';
import { runWorkerPart } from '../parts/worker.js';
import type { Figure } from '../rig/figure.js';
import { openGround, type Ground } from '../rig/ground.js';
import { once } from '../rig/once.js';
import { quickSize, wholeSize, type Size } from '../rig/size.js';
import { machineLine } from './machine.js';
import { tableOf } from './table.js';

interface Wish {
  readonly json: boolean;
  readonly chosen: readonly Family[];
  readonly size: Size;
}

/** Answers the exit code: 0 measured, whatever the numbers are; 1 could not measure; 2 wrong usage. */
export async function runBench(args: readonly string[]): Promise<number> {
  if (args[0] === 'part') {
    await runWorkerPart(process.env);
    return 0;
  }
  const wish = readWish(args);
  if (typeof wish === 'string') {
    process.stderr.write(`${wish}\n`);
    return 2;
  }
  try {
    await measure(wish);
    return 0;
  } catch (error) {
    process.stderr.write(`${whyOf(error)}\n`);
    return 1;
  }
}

/** With its causes: `fetch failed` alone tells nobody anything. */
function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${whyOf(error.cause)}`;
}

/** A sentence when the words are not understood. */
function readWish(args: readonly string[]): Wish | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean' },
        quick: { type: 'boolean' },
        only: { type: 'string' },
      },
    });
    const names = values.only?.split(',') ?? families.map(({ name }) => name);
    const unknown = names.find((name) => !families.some((family) => family.name === name));
    if (unknown !== undefined) return `there is no family "${unknown}"; there are:\n${listed()}`;
    return {
      json: values.json === true,
      size: values.quick === true ? quickSize : wholeSize,
      chosen: families.filter(({ name }) => names.includes(name)),
    };
  } catch (error) {
    return whyOf(error);
  }
}

function listed(): string {
  return families.map(({ name, says }) => `  ${name.padEnd(10)} ${says}`).join('\n');
}

async function measure(wish: Wish): Promise<void> {
  const out = wish.json ? process.stderr : process.stdout;
  const startedMs = Date.now();
  const ground = openGround((line) => {
    out.write(`· ${String(Math.round((Date.now() - startedMs) / 1000)).padStart(3)} s  ${line}\n`);
  });
  leaveCleanly(ground);
  try {
    const figures = await measureAll(ground, wish);
    if (wish.json) return;
    out.write(`\n${await machineLine(ground)}\n\n${tableOf(figures)}\n`);
  } finally {
    await ground.stop();
  }
}

/** Listens for good: a listener that goes after its first call would leave the servers' own to end the process at once. */
function leaveCleanly(ground: Ground): void {
  const stopped = once(() => ground.stop()); // a second signal must not end what the first one began
  const leave = (): void => void stopped().finally(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, leave);
}

async function measureAll(ground: Ground, { chosen, size, json }: Wish): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const family of chosen) {
    ground.log(`${family.name}: ${family.says}`);
    const measured = await family.measure(ground, size);
    figures.push(...measured);
    if (!json) continue;
    for (const figure of measured) process.stdout.write(`${JSON.stringify(figure)}\n`);
  }
  return figures;
}
