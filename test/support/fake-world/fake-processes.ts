/** Processes under a fake supervisord, in memory; behaves as activities/supervisor/ does, by the same contract test. */
import type { ActionAdapter, EffectContext } from '../../../activities/adapter.js';
import type { Apply, Health, Undo, Verify } from '../../../workflows/actions/action.js';
import {
  anyNewPid,
  restartProcess,
  type FoundProcess,
  type ProcessRef,
  type ProcessState,
} from '../../../workflows/actions/supervisor.js';
import { Failure } from '../../../workflows/domain/failure.js';
import { instantText } from '../../../workflows/domain/time.js';
import type { WorldEffect } from './effects.js';

interface FakeProcess {
  state: string;
  pid: number;
  changedAtMs: number;
  /** RUNNING, but answers no probe. */
  wedged: boolean;
  /** What starting it is answered with, while it cannot be started. */
  startFault: string | undefined;
}

const isDown = (state: string): boolean => ['STOPPED', 'EXITED', 'FATAL'].includes(state);

export class FakeProcesses implements ActionAdapter<ProcessRef, ProcessState> {
  private readonly processes = new Map<string, FakeProcess>();
  private nextPid = 100;

  constructor(
    private readonly effects: WorldEffect[],
    private readonly now: () => number,
  ) {}

  /** Adds a process that runs and answers. */
  add(ref: ProcessRef): void {
    this.processes.set(keyOf(ref), {
      state: 'RUNNING',
      pid: this.nextPid++,
      changedAtMs: this.now(),
      wedged: false,
      startFault: undefined,
    });
  }

  /** The process dies by itself. */
  dies(ref: ProcessRef): void {
    this.becomes(ref, { state: 'EXITED', pid: 0 });
  }

  /** The process goes on running but answers nothing. */
  wedges(ref: ProcessRef): void {
    this.known(ref).wedged = true;
  }

  /** Somebody who is not Belay restarts it. */
  restartedByHand(ref: ProcessRef): void {
    this.becomes(ref, { state: 'RUNNING', pid: this.nextPid++ });
    this.known(ref).wedged = false;
  }

  /** From now on it cannot be started; undefined lifts this. */
  startsFailWith(ref: ProcessRef, fault: string | undefined): void {
    this.known(ref).startFault = fault;
  }

  answers(ref: ProcessRef): boolean {
    const { state, wedged } = this.known(ref);
    return state === 'RUNNING' && !wedged;
  }

  find(ref: ProcessRef): FoundProcess {
    const { changedAtMs } = this.known(ref);
    return { ...ref, ...this.stateOf(ref), since: instantText(changedAtMs) };
  }

  /** The state of each process under the target string its steps have. */
  snapshot(): Record<string, { state: string; pid: number; wedged: boolean }> {
    const states = [...this.processes].map(([key, { state, pid, wedged }]) => {
      return [`process:${key}`, { state, pid, wedged }] as const;
    });
    return Object.fromEntries(states);
  }

  look(ref: ProcessRef): Promise<ProcessState> {
    return answered(() => this.stateOf(ref));
  }

  plan(): ProcessState {
    return { state: 'RUNNING', pid: anyNewPid };
  }

  apply(asked: Apply<ProcessRef, ProcessState>, context: EffectContext): Promise<ProcessState> {
    return answered(() => this.restart(asked, context));
  }

  verify({ input, before }: Verify<ProcessRef, ProcessState>): Promise<Health> {
    return answered(() => {
      const { state, pid } = this.stateOf(input);
      return { well: state === 'RUNNING' && pid !== before.pid, seen: `${state}, pid ${pid}` };
    });
  }

  undo({ input }: Undo<ProcessRef, ProcessState>): Promise<ProcessState> {
    return answered(() => {
      throw new Failure('refused', `${restartProcess.describe(input)} cannot be taken back`);
    });
  }

  private restart(asked: Apply<ProcessRef, ProcessState>, context: EffectContext): ProcessState {
    const { input, before, operationId } = asked;
    const seen = this.stateOf(input);
    const process = this.known(input);
    const changedSince = context.attempt > 1 && process.changedAtMs >= context.firstAttemptAtMs;
    if (changedSince && seen.state === 'RUNNING' && seen.pid !== before.pid) return seen;
    const asBefore = seen.state === before.state && seen.pid === before.pid;
    const stoppedByUs = changedSince && isDown(seen.state);
    if (!asBefore && !stoppedByUs) {
      const was = `${before.state} (pid ${before.pid})`;
      throw new Failure('refused', `it was ${was} and is now ${seen.state} (pid ${seen.pid})`);
    }
    if (context.signal.aborted) throw new Failure('unknown', 'time is up');
    if (process.startFault !== undefined) throw new Failure('failed', process.startFault);
    context.requireClaim();
    this.restartedByHand(input);
    const what = `restarted ${input.process} on ${input.host}`;
    this.effects.push({ operationId, part: 'apply', what });
    return this.stateOf(input);
  }

  private becomes(ref: ProcessRef, state: ProcessState): void {
    Object.assign(this.known(ref), state, { changedAtMs: this.now() });
  }

  private stateOf(ref: ProcessRef): ProcessState {
    const { state, pid } = this.known(ref);
    return { state, pid };
  }

  private known(ref: ProcessRef): FakeProcess {
    const process = this.processes.get(keyOf(ref));
    if (process === undefined) throw new Failure('failed', `no process ${keyOf(ref)} is known`);
    return process;
  }
}

const keyOf = ({ host, process }: ProcessRef): string => `${host}/${process}`;

/** What it gives or throws, as a promise. */
async function answered<Value>(work: () => Value): Promise<Value> {
  return Promise.resolve(work());
}
