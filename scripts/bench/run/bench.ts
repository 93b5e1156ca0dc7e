/** The bench from its first word to its last: measures what was asked for and tells it. Knows no family by name. */
import { runSinkPart } from '../parts/sink.js';
import { runWorkerPart } from '../parts/worker.js';
import type { Figure } from '../rig/figure.js';
import { openGround, type Ground } from '../rig/ground.js';
import { once } from '../rig/once.js';
import { compared, readBaseline, updated, verdictOf, writeBaseline } from './baseline.js';
import { drawFlames } from './flame.js';
import { machineLine } from './machine.js';
import { writeRaw } from './raw.js';
import { tableOf } from './table.js';
import { readWish, type Wish } from './wish.js';

/** Answers the exit code: 0 measured, whatever the numbers are; 1 could not measure, or a ratio is worse; 2 wrong usage. */
export async function runBench(args: readonly string[]): Promise<number> {
  if (args[0] === 'part') return play(args[1]);
  const wish = readWish(args);
  if (typeof wish === 'string') {
    process.stderr.write(`${wish}\n`);
    return 2;
  }
  try {
    if (wish.flameFolder === null) return await measure(wish);
    for (const file of drawFlames(wish.flameFolder)) process.stdout.write(`${file}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(`${whyOf(error)}\n`);
    return 1;
  }
}

async function play(part: string | undefined): Promise<number> {
  if (part === 'sink') await runSinkPart(process.env);
  else await runWorkerPart(process.env);
  return 0;
}

/** With its causes: `fetch failed` alone tells nobody anything. */
function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${whyOf(error.cause)}`;
}

async function measure(wish: Wish): Promise<number> {
  if (wish.check) readBaseline(); // a missing one is told now, not in half an hour
  const out = wish.json ? process.stderr : process.stdout;
  const startedMs = Date.now();
  const ground = openGround((line) => {
    out.write(`· ${String(Math.round((Date.now() - startedMs) / 1000)).padStart(3)} s  ${line}\n`);
  });
  leaveCleanly(ground);
  try {
    const figures = await measureAll(ground, wish);
    if (!wish.json || wish.rawFile !== null) await tell(figures, { wish, ground, out });
    return judge(figures, wish, out);
  } finally {
    await ground.stop();
  }
}

async function tell(
  figures: readonly Figure[],
  { wish, ground, out }: { wish: Wish; ground: Ground; out: NodeJS.WritableStream },
): Promise<void> {
  const machine = await machineLine(ground);
  if (wish.rawFile !== null) writeRaw(wish.rawFile, { machine, figures, ground, wish });
  if (wish.json) return;
  out.write(`\n${machine}\n\n${tableOf(figures)}\n`);
  if (ground.skipped.length > 0) out.write(`\n${skippedText(ground)}`);
}

function skippedText({ skipped }: Ground): string {
  const lines = skipped.map(({ name, why }) => `  ${name}: ${why}\n`);
  return `not measured here:\n${lines.join('')}`;
}

function judge(figures: readonly Figure[], wish: Wish, out: NodeJS.WritableStream): number {
  if (wish.writeBaseline) {
    const before = readBaseline('may-be-missing');
    out.write(`wrote ${writeBaseline(updated(before, figures))}\n`);
  }
  if (!wish.check) return 0;
  const { text, worse } = verdictOf(compared(readBaseline(), figures));
  out.write(`\n${text}\n`);
  return worse ? 1 : 0;
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
    const skippedBefore = ground.skipped.length;
    const measured = await family.measure(ground, size);
    figures.push(...measured);
    if (!json) continue;
    for (const line of [...measured, ...ground.skipped.slice(skippedBefore)]) {
      process.stdout.write(`${JSON.stringify(line)}\n`);
    }
  }
  return figures;
}
