/**
 * Restarting a process under supervisord. Acts only on the process its before-image names; what an earlier attempt of
 * the same operation began it carries on, and never starts a second time what that attempt had already started.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Apply, Health, Verify } from '../../workflows/actions/action.js';
import {
  anyNewPid,
  restartProcess,
  type ProcessRef,
  type ProcessState,
} from '../../workflows/actions/supervisor.js';
import { Failure } from '../../workflows/domain/failure.js';
import type { ActionAdapter, EffectContext } from '../adapter.js';
import { faults, type ProcessInfo, type SupervisorClient } from './client.js';
import { XmlRpcFault } from './xml-rpc.js';

/** The supervisord of a process named in the settings; throws a Failure when it is not named there. */
export type ClientOf = (ref: ProcessRef) => SupervisorClient;

/**
 * Where an attempt finds the process: as in the before-image; or as an earlier attempt left it: going down, down, coming
 * up, up; or as somebody else left it.
 */
type Position = 'before' | 'stopping' | 'stopped' | 'starting' | 'restarted' | 'foreign';

const downStates = ['STOPPED', 'EXITED', 'FATAL'];
const pollEveryMs = 100;
const settleWithinMs = 30_000;

const isDown = (state: string): boolean => downStates.includes(state);

/** supervisord's answer as the action's state. */
export function stateOf({ statename, pid }: ProcessInfo): ProcessState {
  return { state: statename, pid };
}

/** The adapter of `supervisor.restart`; it refuses when somebody else restarted the process meanwhile. */
export function restartAdapter(
  clientOf: ClientOf,
  now: () => number,
): ActionAdapter<ProcessRef, ProcessState> {
  return {
    look: async (ref, { signal }) => stateOf(await clientOf(ref).info(ref.process, signal)),
    plan: ({ before }) => {
      if (before.state !== 'UNKNOWN') return { state: 'RUNNING', pid: anyNewPid };
      throw new Failure('refused', 'supervisord itself does not know the state of the process');
    },
    apply: async (asked, context) => new Attempt(clientOf(asked.input), asked, context).run(now),
    verify: async (asked, { signal }) => {
      return healthOf(asked, await clientOf(asked.input).info(asked.input.process, signal));
    },
    undo: ({ input }) => {
      const says = restartProcess.describe(input);
      return Promise.reject(new Failure('refused', `${says} cannot be taken back`));
    },
  };
}

/** Well when a process runs that is not the one from before; its number cannot have been foretold. */
function healthOf(
  { input, before }: Verify<ProcessRef, ProcessState>,
  { statename, pid }: ProcessInfo,
): Health {
  const well = statename === 'RUNNING' && pid > 0 && pid !== before.pid;
  return { well, seen: `${input.process} is ${statename} with pid ${pid}, before ${before.pid}` };
}

class Attempt {
  private readonly process: string;
  private readonly signal: AbortSignal;

  constructor(
    private readonly client: SupervisorClient,
    private readonly asked: Apply<ProcessRef, ProcessState>,
    private readonly context: EffectContext,
  ) {
    this.process = asked.input.process;
    this.signal = context.signal;
  }

  async run(now: () => number): Promise<ProcessState> {
    const seen = await this.info();
    const position = this.positionOf(seen, now());
    if (position === 'restarted') return stateOf(seen);
    if (position === 'foreign') throw this.moved(seen);
    if (position === 'starting') return this.started();
    if (position === 'before' && !isDown(seen.statename)) await this.stop(seen);
    if (position === 'stopping') await this.settled(isDown);
    return this.start();
  }

  private positionOf(seen: ProcessInfo, nowMs: number): Position {
    const { state, pid } = this.asked.before;
    if (seen.statename === state && seen.pid === pid) return 'before';
    if (this.context.attempt < 2) return 'foreign';
    const isOurs = (atSeconds: number): boolean => this.isSinceFirstAttempt(seen, atSeconds, nowMs);
    if (seen.statename === 'STOPPING' && seen.pid === pid) return 'stopping';
    if (isDown(seen.statename) && !isDown(state) && isOurs(seen.stop)) return 'stopped';
    if (seen.pid === pid || !isOurs(seen.start)) return 'foreign';
    if (seen.statename === 'RUNNING') return 'restarted';
    return seen.statename === 'STARTING' ? 'starting' : 'foreign';
  }

  /**
   * Compares ages, so that supervisord's clock may differ from ours; it tells whole seconds, cut off, so that an age may
   * seem up to one second longer than it is.
   */
  private isSinceFirstAttempt(seen: ProcessInfo, atSeconds: number, nowMs: number): boolean {
    const ageSeconds = seen.now - atSeconds;
    const elapsedSeconds = Math.max(0, nowMs - this.context.firstAttemptAtMs) / 1000;
    return atSeconds > 0 && ageSeconds < elapsedSeconds + 1;
  }

  private async stop(seen: ProcessInfo): Promise<void> {
    if (seen.statename === 'STOPPING') return this.settled(isDown).then(() => undefined);
    this.context.requireClaim();
    try {
      await this.client.stop(this.process, this.signal);
    } catch (thrown) {
      throw this.judged(thrown, 'stopped');
    }
  }

  private async start(): Promise<ProcessState> {
    // What we took down comes up again, whatever is stopped meanwhile; one that was down before is a first change.
    if (this.wasDown()) this.context.requireClaim();
    else this.context.requireClaim('completes');
    try {
      await this.client.start(this.process, this.signal);
    } catch (thrown) {
      const isUp = thrown instanceof XmlRpcFault && thrown.code === faults.alreadyStarted;
      // Started by somebody while it was down through us: what the step wants is there.
      if (isUp && !this.wasDown()) return this.started();
      throw this.judged(thrown, 'started');
    }
    return stateOf(await this.info());
  }

  /** Waits until a process that comes up is up. */
  private async started(): Promise<ProcessState> {
    const seen = await this.settled((state) => state !== 'STARTING');
    if (seen.statename === 'RUNNING') return stateOf(seen);
    const says = `${this.process} did not come up: it is ${seen.statename}`;
    throw new Failure(this.wasDown() ? 'failed' : 'unknown', says);
  }

  /** Unless it was down before, a start that fails comes after our stop: then something did take effect. */
  private wasDown(): boolean {
    return isDown(this.asked.before.state);
  }

  private async settled(isSettled: (state: string) => boolean): Promise<ProcessInfo> {
    const untilMs = performance.now() + settleWithinMs;
    while (performance.now() < untilMs && !this.signal.aborted) {
      const seen = await this.info();
      if (isSettled(seen.statename)) return seen;
      await sleep(pollEveryMs);
    }
    throw new Failure('unknown', `${this.process} was still on its way when the time was up`);
  }

  private info(): Promise<ProcessInfo> {
    return this.client.info(this.process, this.signal);
  }

  private moved(seen: ProcessInfo): Failure {
    const { state, pid } = this.asked.before;
    const is = `it is now ${seen.statename} with pid ${seen.pid}`;
    return new Failure('refused', `${this.process} was ${state} with pid ${pid}, ${is}`);
  }

  /** A fault is supervisord's own no: `refused` when the process is not as it was a moment ago. */
  private judged(thrown: unknown, what: 'stopped' | 'started'): unknown {
    if (!(thrown instanceof XmlRpcFault)) return thrown;
    const says = `${this.process} could not be ${what}: ${thrown.message} (fault ${thrown.code})`;
    if (what === 'started' && !this.wasDown())
      return new Failure('unknown', `${says}; it is stopped`);
    const isMoved = thrown.code === faults.alreadyStarted || thrown.code === faults.notRunning;
    return new Failure(isMoved ? 'refused' : 'failed', says);
  }
}
