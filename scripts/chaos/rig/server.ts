/** A server under chaos, PostgreSQL or Temporal: killed like a crash, paused with all its processes, started again on its files. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { tell } from './part.js';

export interface Started {
  readonly pid?: number;
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

/** Its processes may still hold its files for a moment after a crash, so that a start is tried again. */
const startsMax = 20;
const againAfterMs = 500;

export class Server<Kind extends Started> {
  private running: Kind | undefined;
  private stopping = false;
  private coming: Promise<void> = Promise.resolve();

  constructor(
    readonly name: string,
    private readonly begin: () => Promise<Kind>,
  ) {}

  /** Throws when it does not come up. */
  async start(): Promise<Kind> {
    this.running = await this.begin();
    return this.running;
  }

  /** SIGKILL, and a start on the same files and port after `downMs`. */
  async kill(downMs: number): Promise<void> {
    const { running } = this;
    if (running?.pid === undefined) return;
    this.running = undefined;
    tell(running.pid, 'SIGKILL');
    await running.ended;
    await sleep(downMs);
    this.coming = this.comeBack();
    await this.coming;
  }

  /** SIGSTOP of it and its children, and SIGCONT after that time. */
  async pause(durationMs: number): Promise<void> {
    const pid = this.running?.pid;
    if (pid === undefined) return;
    const all = [pid, ...childrenOf(pid)];
    const goOn = (): void => {
      for (const each of all) tell(each, 'SIGCONT');
    };
    process.once('exit', goOn); // a paused server does not end when it is told to
    for (const each of all) tell(each, 'SIGSTOP');
    await sleep(durationMs);
    process.off('exit', goOn);
    goOn();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.coming.catch(() => undefined);
    await this.running?.stop();
  }

  private async comeBack(): Promise<void> {
    for (let attempt = 1; !this.stopping; attempt += 1) {
      try {
        await this.start();
        return;
      } catch (error) {
        if (attempt === startsMax) throw error;
        await sleep(againAfterMs);
      }
    }
  }
}

/** Empty where the system does not tell: then the server alone is paused. */
function childrenOf(pid: number): number[] {
  try {
    const listed = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return listed === '' ? [] : listed.split(' ').map(Number);
  } catch {
    return [];
  }
}
