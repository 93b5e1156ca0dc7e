/**
 * One process under chaos: killed and paused by its process id, started again whenever it is down, as a supervisor would.
 * It may be hit while it is still starting. Knows nothing of what the process does.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../workflows/domain/failure.js';
import { startChild, type Child } from '../../servers/child.js';

export interface PartPlan {
  readonly name: string;
  /** Node's own switches, the program, its words. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/** What does not come up is tried again after this pause, for as long as it is wanted. */
const againAfterMs = 500;

export class Part {
  private child: Child | undefined;
  private wanted = false;
  private living: Promise<void> = Promise.resolve();
  private downMs = againAfterMs;
  /** Ends that nobody here brought about, with how they ended. */
  readonly endedByItself: string[] = [];
  private killed = false;

  constructor(private readonly plan: PartPlan) {}

  get name(): string {
    return this.plan.name;
  }

  get isUp(): boolean {
    return this.child !== undefined;
  }

  start(): void {
    this.wanted = true;
    this.living = this.live();
  }

  /** SIGKILL; it is started again after `downMs`. Nothing happens to one that is down. */
  async kill(downMs: number): Promise<void> {
    const { child } = this;
    if (child === undefined) return;
    this.downMs = downMs;
    this.killed = true;
    process.kill(child.pid, 'SIGKILL');
    await child.ended;
  }

  /** SIGSTOP, and SIGCONT after that time. */
  async pause(durationMs: number): Promise<void> {
    const { child } = this;
    if (child === undefined) return;
    tell(child.pid, 'SIGSTOP');
    await sleep(durationMs);
    tell(child.pid, 'SIGCONT');
  }

  async stop(): Promise<void> {
    this.wanted = false;
    if (this.child !== undefined) tell(this.child.pid, 'SIGCONT');
    await this.child?.stop();
    await this.living;
  }

  private async live(): Promise<void> {
    while (this.wanted) {
      await this.liveOnce().catch((error: unknown) => this.endedByItself.push(messageOf(error)));
      if (this.wanted) await sleep(this.downMs);
      this.downMs = againAfterMs;
    }
  }

  private async liveOnce(): Promise<void> {
    const { name, args, env, logFile } = this.plan;
    const ready = () => Promise.resolve(true); // one that is still starting may be hit too
    const child = await startChild({
      name,
      program: process.execPath,
      args,
      env,
      logFile,
      ready,
      stopSignal: 'SIGKILL', // the only one that ends a paused process, should this one die first
    });
    this.killed = false;
    this.child = child;
    if (!this.wanted) void child.stop();
    const how = await child.ended;
    this.child = undefined;
    if (this.wanted && !this.killed) this.endedByItself.push(how);
  }
}

/** Nothing happens to a process that is gone. */
export function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
