/**
 * A server run as a child of this process: started, polled until it answers, stopped by its process id.
 * It does not outlive its parent, however that ends, and nothing is ever stopped by name.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ChildPlan {
  /** For people: it opens every error about this server. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Both outputs are appended to it. */
  readonly logFile: string;
  /** Answers true once the server can be used; false and errors mean "not yet". */
  readonly ready: () => Promise<boolean>;
  readonly readyWithinMs?: number;
  readonly stopSignal?: NodeJS.Signals;
  /** Added to this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly folder?: string;
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Aborting it while the child is not ready yet gives the start up. */
  readonly givingUp?: AbortSignal;
}

export interface Child {
  readonly pid: number;
  /** Resolves when the process ended, for whatever reason, with a sentence saying how. */
  readonly ended: Promise<string>;
  /** Asks it to end, kills it after five seconds; resolves when it is gone. Safe to call twice. */
  stop(): Promise<void>;
}

const stopWithinMs = 5000;
const pollEveryMs = 25;
const logLinesShown = 20;
const running = new Map<ChildProcess, NodeJS.Signals>();
const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Throws with the end of the server's log when it ends or does not answer in time; nothing is left running then. */
export async function startChild(plan: ChildPlan): Promise<Child> {
  const stopSignal = plan.stopSignal ?? 'SIGTERM';
  const started = spawnPlan(plan, stopSignal);
  const ended = endOf(started);
  watchParent();
  running.set(started, stopSignal);
  void ended.then(() => running.delete(started));
  const stop = () => stopChild(started, ended, stopSignal);
  const problem = await untilReady(plan, ended);
  if (problem !== undefined) {
    await stop();
    throw new Error(`${plan.name} ${problem}${lastLines(plan.logFile)}`);
  }
  return { pid: started.pid ?? 0, ended, stop };
}

function spawnPlan(plan: ChildPlan, stopSignal: NodeJS.Signals): ChildProcess {
  mkdirSync(dirname(plan.logFile), { recursive: true });
  const log = openSync(plan.logFile, 'a', 0o600);
  const [program = plan.program, ...args] = [
    ...dyingWithParent(stopSignal),
    plan.program,
    ...plan.args,
  ];
  try {
    return spawn(program, args, {
      stdio: ['ignore', log, log],
      detached: true, // a Ctrl-C is for the parent, which then stops its servers in order
      env: { ...process.env, ...plan.env },
      ...(plan.folder === undefined ? {} : { cwd: plan.folder }),
      ...plan.user,
    });
  } finally {
    closeSync(log);
  }
}

/** Where the kernel can tell a child of its parent's death, not even a SIGKILL of the parent leaves a server behind. */
function dyingWithParent(stopSignal: NodeJS.Signals): string[] {
  parentDeathKnown ??=
    process.platform === 'linux' &&
    (spawnSync('setpriv', ['--help']).stdout?.includes('--pdeathsig') ?? false);
  return parentDeathKnown ? ['setpriv', '--pdeathsig', stopSignal.slice('SIG'.length), '--'] : [];
}
let parentDeathKnown: boolean | undefined;

function endOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      resolve(`could not be started: ${error.message}`);
    });
    child.once('exit', (code, signal) => {
      resolve(signal === null ? `ended with exit code ${code ?? 'unknown'}` : `ended by ${signal}`);
    });
  });
}

async function untilReady(plan: ChildPlan, ended: Promise<string>): Promise<string | undefined> {
  const readyWithinMs = plan.readyWithinMs ?? 30_000;
  const end: { how?: string } = {};
  void ended.then((how) => (end.how = how));
  const giveUpAtMs = Date.now() + readyWithinMs;
  while (Date.now() < giveUpAtMs) {
    if (end.how !== undefined) return end.how;
    if (plan.givingUp?.aborted === true) return 'was told to end before it was ready';
    if (await plan.ready().catch(() => false)) return end.how;
    await sleep(pollEveryMs);
  }
  return `did not answer within ${readyWithinMs / 1000} s`;
}

async function stopChild(
  child: ChildProcess,
  ended: Promise<string>,
  stopSignal: NodeJS.Signals,
): Promise<void> {
  child.kill(stopSignal);
  const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
  await ended;
  clearTimeout(timer);
}

function lastLines(logFile: string): string {
  const text = readFileSync(logFile, 'utf8').trimEnd();
  if (text === '') return `; its log ${logFile} is empty`;
  return `; the end of ${logFile}:\n${text.split('\n').slice(-logLinesShown).join('\n')}`;
}

/** Stops what still runs when this process exits or is told to end and nobody else listens for that. */
function watchParent(): void {
  if (watching) return;
  watching = true;
  process.once('exit', stopAllNow);
  for (const signal of endingSignals) {
    const listener = () => {
      if (process.listenerCount(signal) > 1) return;
      process.off(signal, listener);
      stopAllNow();
      process.kill(process.pid, signal);
    };
    process.on(signal, listener);
  }
}
let watching = false;

function stopAllNow(): void {
  for (const [child, stopSignal] of running) child.kill(stopSignal);
}
