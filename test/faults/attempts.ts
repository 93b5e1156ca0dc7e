/** Does what a run asks, attempt by attempt as Temporal does, with the faults that are planned for it. Judges nothing. */
import { Busy, type CallFunction } from '../../activities/effects.js';
import { Failure, messageOf } from '../../workflows/domain/failure.js';
import { seconds } from '../../workflows/domain/time.js';
import type { Effected } from '../../workflows/runtime.js';
import type { AskedCall, AskedEffect, Finished } from '../support/simulator/recorded-run.js';
import type { VirtualTime } from '../support/simulator/virtual-time.js';
import type { Points, PointsOf } from './effect-points.js';
import type { FaultName } from './fault.js';

export interface Means {
  readonly time: VirtualTime;
  readonly calls: ReadonlyMap<string, CallFunction>;
  readonly pointsOf: PointsOf;
}

/** runtime-temporal.ts and activities/temporal.ts set the same. */
const heartbeatTimeoutMs = seconds(3);
const beatEveryMs = seconds(1);
const firstPauseMs = 250;
const pauseMsMax = seconds(10);
/** Longer than a lost attempt takes to be replaced, shorter than a confirmation. */
const slowMs = seconds(8);
const frozenMs = seconds(10);
const lateMs = seconds(15);

class WorkerLost extends Error {}
class TaskLost extends Error {}

/** The faults of one call, handed out attempt by attempt; one that happens always is never used up. */
class Planned {
  constructor(private left: readonly FaultName[]) {}

  next(): FaultName | undefined {
    const [first, ...rest] = this.left;
    if (first?.endsWith('-always') !== true) this.left = rest;
    return first;
  }
}

export class Attempts {
  constructor(private readonly means: Means) {}

  /** A short call: tried again in its worker after errors; given up as a Failure. */
  async ask(asked: AskedCall, faults: readonly FaultName[]): Promise<Finished> {
    const planned = new Planned(faults.filter((name) => name !== 'replayed'));
    const tryIt = (): Promise<unknown> => this.tryCall(asked, planned.next());
    try {
      const value = await this.attempts(asked, tryIt);
      return finished({ kind: 'value', value }, faults);
    } catch (thrown) {
      const dropped = { kind: 'value', value: null } as const;
      if (thrown instanceof TaskLost) return { answer: dropped, then: 'lose-task' };
      const failure =
        thrown instanceof Failure ? thrown : new Failure('unknown', messageOf(thrown));
      return finished({ kind: 'thrown', thrown: failure }, faults);
    }
  }

  /** An effect: tried again by the server after errors and lost workers; never throws for what the world did. */
  async act(asked: AskedEffect, faults: readonly FaultName[]): Promise<Finished> {
    const planned = new Planned(faults.filter((name) => name !== 'replayed'));
    const tryIt = (): Promise<unknown> => this.tryEffect(asked, planned.next());
    const effected = await this.attempts(asked, tryIt).then(
      (output): Effected<unknown> => ({ kind: 'applied', output }),
      (thrown: unknown): Effected<unknown> => {
        const kind = thrown instanceof Failure ? thrown.kind : 'unknown';
        return { kind: kind === 'transient' ? 'unknown' : kind, why: messageOf(thrown) };
      },
    );
    return finished({ kind: 'value', value: effected }, faults);
  }

  private async attempts(
    { call }: Pick<AskedCall, 'call'>,
    tryIt: () => Promise<unknown>,
  ): Promise<unknown> {
    let pauseMs = firstPauseMs;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await tryIt();
      } catch (thrown) {
        const final = thrown instanceof Failure && thrown.kind !== 'transient';
        if (final || thrown instanceof TaskLost) throw thrown;
        if (attempt >= call.attemptsMax) throw new Failure('unknown', messageOf(thrown));
        await this.means.time.sleep(thrown instanceof Busy ? thrown.retryAfterMs : pauseMs);
        pauseMs = Math.min(pauseMs * 2, pauseMsMax);
      }
    }
  }

  private async tryCall(asked: AskedCall, fault: FaultName | undefined): Promise<unknown> {
    switch (fault) {
      case 'error-once':
      case 'error-always':
        throw new Failure('transient', 'injected: not now');
      case 'says-no':
        throw new Failure('failed', 'injected: it said no');
      case 'done-then-retry':
        await this.called(asked);
        throw new Failure('transient', 'injected: the answer was lost');
      case 'task-lost-before':
        throw new TaskLost('injected: the worker died');
      case 'task-lost-after':
        await this.called(asked);
        throw new TaskLost('injected: the worker died');
      case 'twice':
        return (await Promise.all([this.called(asked), this.called(asked)]))[1];
      case 'hangs-once':
      case 'hangs-always':
        await this.means.time.sleep(asked.call.timeoutMs);
        throw new Failure('transient', 'injected: it had no answer in time');
      default:
        return this.called(asked);
    }
  }

  private async tryEffect(asked: AskedEffect, fault: FaultName | undefined): Promise<unknown> {
    const { time } = this.means;
    switch (fault) {
      case 'killed-before':
      case 'killed-always':
        return this.lost();
      case 'killed-settled':
        await this.called(asked);
        return this.lost();
      case 'answer-lost':
        await this.called(asked);
        throw new Failure('unknown', 'injected: the answer was lost');
      case 'twice':
        this.leftAlone(this.called(asked));
        return this.called(asked);
      case 'zombie-late':
        this.leftAlone(time.sleep(lateMs).then(() => this.called(asked)));
        return this.lost();
      case undefined:
        return this.called(asked);
      default:
        return this.spoilt(asked, fault);
    }
  }

  /** Faults that strike with the claim in hand, or after the effect and before it is remembered. */
  private async spoilt(asked: AskedEffect, fault: FaultName): Promise<unknown> {
    const attempt = new Attempt(this.means.time, asked.call.timeoutMs);
    const points = pointsFor(attempt, fault);
    this.means.pointsOf.set(attempt.signal, points);
    const work = this.called(asked, attempt);
    const lostAfterMs = lostAfter(fault, asked.call.timeoutMs);
    if (lostAfterMs === undefined) return work;
    this.leftAlone(work);
    return this.lost(lostAfterMs);
  }

  private async lost(afterMs: number = heartbeatTimeoutMs): Promise<never> {
    await this.means.time.sleep(afterMs);
    throw new WorkerLost('injected: the worker died');
  }

  /** An attempt the server has forgotten goes on, and nobody hears what it says. */
  private leftAlone(work: Promise<unknown>): void {
    work.catch(() => undefined);
  }

  private async called({ call, text }: AskedCall, attempt?: Attempt): Promise<unknown> {
    const found = this.means.calls.get(call.name);
    if (found === undefined) throw new Failure('failed', `nothing implements ${call.name}`);
    const alive = (stillHeld: () => Promise<boolean>): void => attempt?.beats(stillHeld);
    const signal = attempt?.signal ?? new AbortController().signal;
    const output = await found(JSON.parse(text) as never, { signal, alive });
    return output === undefined ? undefined : (JSON.parse(JSON.stringify(output)) as unknown);
  }
}

function finished(answer: Finished['answer'], faults: readonly FaultName[]): Finished {
  return faults.includes('replayed') ? { answer, then: 'replay' } : { answer };
}

/** When the server gives the attempt up though it goes on; undefined where it hears its end. */
function lostAfter(fault: FaultName, timeoutMs: number): number | undefined {
  if (fault.startsWith('killed-') || fault.startsWith('zombie-')) return heartbeatTimeoutMs;
  return fault.startsWith('hangs-') ? timeoutMs : undefined;
}

/** One attempt's own clockwork: its heartbeats, its deadline and the signal that stops it. */
class Attempt {
  private readonly controller = new AbortController();
  private stillHeld: () => Promise<boolean> = () => Promise.resolve(true);

  constructor(
    private readonly time: VirtualTime,
    private readonly timeoutMs: number,
  ) {}

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  beats(stillHeld: () => Promise<boolean>): void {
    this.stillHeld = stillHeld;
  }

  /** It lives but does not get on. */
  async slow(forMs: number): Promise<void> {
    for (let passedMs = 0; passedMs < forMs; passedMs += beatEveryMs) {
      await this.time.sleep(Math.min(beatEveryMs, forMs - passedMs));
      await this.beat();
    }
  }

  /** Not even its heart beats; waking it finds out first whether it still holds its operation. */
  async frozen(forMs: number): Promise<void> {
    await this.time.sleep(forMs);
    await this.beat();
  }

  async untilDeadline(): Promise<void> {
    await this.slow(this.timeoutMs);
    this.controller.abort(new Failure('unknown', 'time is up'));
  }

  private async beat(): Promise<void> {
    if (!(await this.stillHeld())) this.controller.abort(new Failure('unknown', 'taken over'));
  }
}

function pointsFor(attempt: Attempt, fault: FaultName): Points {
  const fails = (kind: Failure['kind'], why: string) => (): Promise<never> =>
    Promise.reject(new Failure(kind, `injected: ${why}`));
  const dead = (): Promise<never> => new Promise<never>(() => undefined);
  switch (fault) {
    case 'error-once':
    case 'error-always':
      return { claimed: fails('transient', 'not now') };
    case 'says-no':
      return { claimed: fails('failed', 'it said no') };
    case 'refuses':
      return { claimed: fails('refused', 'it would not') };
    case 'done-then-error':
      return { effected: fails('unknown', 'it cannot tell') };
    case 'done-then-retry':
      return { effected: fails('transient', 'it was cut short') };
    case 'killed-claimed':
      return { claimed: dead };
    case 'killed-done':
      return { effected: dead };
    case 'zombie-slow':
      return { claimed: () => attempt.slow(slowMs) };
    case 'zombie-frozen':
      return { claimed: () => attempt.frozen(frozenMs) };
    case 'hangs-once':
    case 'hangs-always':
      return { claimed: () => attempt.untilDeadline() };
    case 'hangs-done':
      return { effected: () => attempt.untilDeadline().then(fails('unknown', 'time is up')) };
    default:
      throw new RangeError(`${fault} does not happen inside an effect`);
  }
}
