/** The command line of chaos: how much, which seed, and how it is told. Breaks nothing itself. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runFleetPart } from '../parts/fleet.js';
import { runWorkerPart } from '../parts/worker.js';
import { judge } from '../oracle/oracle.js';
import { reportOf, storyOf, tableOf, type Report } from '../oracle/report.js';
import { openGround } from '../rig/ground.js';
import { weather, type Size } from './weather.js';

interface Wish {
  readonly size: Size;
  readonly json: boolean;
  readonly keep: 'keep' | 'remove';
  readonly reportFile: string | undefined;
}

/** Answers the exit code: 0 nothing went wrong; 1 something did, or it could not be done; 2 wrong usage. */
export async function runChaos(args: readonly string[]): Promise<number> {
  if (args[0] === 'part') return runPart(args[1]);
  const wish = readWish(args);
  if (typeof wish === 'string') {
    process.stderr.write(`${wish}\n`);
    return 2;
  }
  try {
    return (await brave(wish)).ok ? 0 : 1;
  } catch (error) {
    process.stderr.write(
      `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
    return 1;
  }
}

async function runPart(name: string | undefined): Promise<number> {
  if (name === 'fleet') await runFleetPart(process.env);
  else await runWorkerPart(process.env);
  return 0;
}

const longStormMs = 90_000;
const minuteMs = 60_000;

/** A sentence when the words are not understood. */
function readWish(args: readonly string[]): Wish | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        runs: { type: 'string' },
        seed: { type: 'string' },
        minutes: { type: 'string' },
        quick: { type: 'boolean' },
        json: { type: 'boolean' },
        keep: { type: 'boolean' },
        report: { type: 'string' },
        'fault-every': { type: 'string' },
      },
    });
    const quick = values.quick === true;
    const runs = countOf('runs', values.runs, quick ? 200 : 1_000);
    const minutes = countOf('minutes', values.minutes, quick ? 3 : 60);
    const size: Size = {
      runs,
      seed: countOf('seed', values.seed, Math.floor(Math.random() * 1e6)),
      stormMsMax: minutes * minuteMs,
      settleMsMax: (quick ? 4 : 15) * minuteMs,
      perSecond: Math.min(25, Math.max(2, (runs * 1_000) / longStormMs)),
      faultEveryMs: countOf('fault-every', values['fault-every'], quick ? 1_200 : 3_000),
    };
    const keep = values.keep === true ? 'keep' : 'remove';
    return { size, keep, json: values.json === true, reportFile: values.report };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function countOf(name: string, given: string | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  if (/^\d{1,9}$/.test(given)) return Number(given);
  throw new RangeError(`--${name} wants a whole number, not "${given}"`);
}

async function brave({ size, json, keep, reportFile }: Wish): Promise<Report> {
  const out = json ? process.stderr : process.stdout;
  const startedMs = Date.now();
  const log = (line: string): void => {
    const secondsText = String(Math.round((Date.now() - startedMs) / 1000)).padStart(3);
    out.write(`· ${secondsText} s  ${line}\n`);
  };
  const ground = await openGround(log, keep);
  const stopped = leaveCleanly(() => ground.stop());
  try {
    if (keep === 'keep') log(`logs and data stay in ${ground.folder}`);
    const { counted, evidence } = await weather(ground, size, log);
    const violations = judge(evidence);
    const report = reportOf(counted, evidence, violations);
    if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
    if (reportFile !== undefined) writeFileSync(reportFile, `${JSON.stringify(report, null, 2)}\n`);
    out.write(`\n${tableOf(report)}\n`);
    const [first] = violations;
    if (first !== undefined) out.write(`\n${storyOf(first, evidence)}\n`);
    return report;
  } finally {
    await stopped();
  }
}

/** The same stop for the end and for every signal; a second signal must not end what the first one began. */
function leaveCleanly(stop: () => Promise<void>): () => Promise<void> {
  let begun: Promise<void> | undefined;
  const once = (): Promise<void> => (begun ??= stop());
  const leave = (): void => void once().finally(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, leave);
  return once;
}
