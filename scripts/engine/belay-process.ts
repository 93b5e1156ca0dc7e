/**
 * One process of Belay as a child: started until it says that it is ready, started again when it dies, within bounds.
 * Knows nothing of what the process does.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../workflows/domain/failure.js';
import { minutes, seconds } from '../../workflows/domain/time.js';
import { startChild, type Child } from '../servers/child.js';
import { projectFolder } from './project-folder.js';

export interface ProcessPlan {
  /** The file's name in workers/, such as `intake`. */
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
  /** Each answers 200 once the process can do its work. */
  readonly readyUrls: readonly string[];
  /** What happens when it ends by itself. */
  readonly whenItDies: 'restart' | 'leave';
  readonly log: (line: string) => void;
}

/** More deaths than this in the window, and the cause is not bad luck: somebody must look. */
const deathsMax = 5;
const deathsWindowMs = minutes(10);
const firstPauseMs = seconds(0.5);
const pauseMaxMs = seconds(30);
const readyWithinMs = seconds(60);
const askTimeoutMs = seconds(2);

export class BelayProcess {
  /** Resolves, with a sentence, when it died more often than is bearable; never before. */
  readonly gaveUp: Promise<string>;
  private giveUp: (why: string) => void = () => undefined;
  private child: Child | undefined;
  private deathsAtMs: number[] = [];
  private starting: Promise<Child> | undefined;
  /** Aborted when it is to stay down: a death that was asked for is not mended, a start under way is given up. */
  private unwanted = new AbortController();

  constructor(private readonly plan: ProcessPlan) {
    this.gaveUp = new Promise((resolve) => (this.giveUp = resolve));
  }

  get name(): string {
    return this.plan.name;
  }

  /** 0 while it does not run. */
  get pid(): number {
    return this.child?.pid ?? 0;
  }

  /** Resolves when it is ready. Throws with the end of its log when it does not get there. */
  async start(): Promise<void> {
    const { name, env, logFile, readyUrls } = this.plan;
    if (this.unwanted.signal.aborted) this.unwanted = new AbortController();
    this.starting = startChild({
      name,
      program: process.execPath,
      args: [...nodeFlags(), join(projectFolder(), 'dist', 'workers', `${name}.js`)],
      env,
      logFile,
      ready: async () => (await Promise.all(readyUrls.map(answers))).every(Boolean),
      readyWithinMs,
      givingUp: this.unwanted.signal,
    });
    const child = await this.starting;
    this.child = child;
    void child.ended.then((how) => {
      this.died(child, how);
    });
  }

  /** SIGKILL, as a crash would be: nothing is tidied up. It stays down until `restart`. */
  async kill(): Promise<void> {
    const { child } = this;
    this.unwanted.abort();
    if (child === undefined) return;
    process.kill(child.pid, 'SIGKILL');
    await child.ended;
  }

  /** Starts it (again), after an orderly stop when it runs. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async stop(): Promise<void> {
    this.unwanted.abort();
    await this.starting?.catch(() => undefined);
    await this.child?.stop();
  }

  private died(child: Child, how: string): void {
    if (this.child !== child) return;
    this.child = undefined;
    if (this.unwanted.signal.aborted) return;
    this.plan.log(`${this.name} ${how}; its log: ${this.plan.logFile}`);
    if (this.plan.whenItDies === 'restart') void this.mend();
  }

  private async mend(): Promise<void> {
    const { signal } = this.unwanted;
    while (!signal.aborted) {
      const pauseMs = this.nextPauseMs();
      if (pauseMs === undefined) {
        this.giveUp(`${this.name} died ${deathsMax + 1} times; its log: ${this.plan.logFile}`);
        return;
      }
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted || (await this.startedAgain(signal))) return;
    }
  }

  private async startedAgain(signal: AbortSignal): Promise<boolean> {
    try {
      await this.start();
      this.plan.log(`${this.name} runs again`);
      return true;
    } catch (error) {
      if (!signal.aborted) this.plan.log(messageOf(error));
      return false;
    }
  }

  /** Doubles with every death; undefined when there were too many. */
  private nextPauseMs(): number | undefined {
    const nowMs = Date.now();
    this.deathsAtMs = this.deathsAtMs.filter((atMs) => atMs > nowMs - deathsWindowMs);
    const before = this.deathsAtMs.length;
    if (before >= deathsMax) return undefined;
    this.deathsAtMs.push(nowMs);
    return Math.min(pauseMaxMs, firstPauseMs * 2 ** before);
  }
}

/** How every process with a worker is started: stack traces that name our lines, none of promises, little memory for garbage. */
export function nodeFlags(): string[] {
  const quiet = join(projectFolder(), 'workers/remediation/no-promise-stacks.cjs');
  return ['--enable-source-maps', '--require', quiet, '--max-semi-space-size=4'];
}

async function answers(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(askTimeoutMs) });
  await response.body?.cancel();
  return response.ok;
}
