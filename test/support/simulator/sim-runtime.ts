/** The Runtime without Temporal: virtual time, fakes called in the process, faults where they are planned. */
import { Busy, type CallFunction } from '../../../activities/effects.js';
import type { Call } from '../../../workflows/actions/action.js';
import { Failure, messageOf } from '../../../workflows/domain/failure.js';
import { seconds } from '../../../workflows/domain/time.js';
import { parseMessage, type Message, type Unintelligible } from '../../../workflows/messages.js';
import type { Effect, Effected, Runtime, RunStatus } from '../../../workflows/runtime.js';
import type { FaultKind, Faults } from './faults.js';
import type { VirtualTime } from './virtual-time.js';

export interface Simulated {
  readonly id: string;
  readonly time: VirtualTime;
  readonly calls: ReadonlyMap<string, CallFunction>;
  readonly faults: Faults;
}

/** How long Temporal takes to notice a lost worker; runtime-temporal.ts sets the same. */
const heartbeatTimeoutMs = seconds(3);
const never = new AbortController().signal;

export class SimRuntime implements Runtime {
  readonly id: string;
  /** Every status shown, the newest last. */
  readonly shown: RunStatus[] = [];
  private readonly inbox: (Message | Unintelligible)[] = [];
  private readonly ordinals = new Map<string, number>();
  private wake: (() => void) | undefined;

  constructor(private readonly simulated: Simulated) {
    this.id = simulated.id;
  }

  now(): number {
    return this.simulated.time.now();
  }

  /** What a person or the intake does from outside. */
  send(signal: string, payload?: unknown): void {
    const ordinal = this.ordinals.get(signal) ?? 0;
    this.ordinals.set(signal, ordinal + 1);
    this.inbox.push(parseMessage({ signal, ordinal, atMs: this.now(), payload }));
    this.wake?.();
  }

  async ask<Input, Output>(call: Call<Input, Output>, input: Input): Promise<Output> {
    return this.attempts(call, `ask:${call.name}`, input) as Promise<Output>;
  }

  async act<Input, Output>({
    call,
    input,
    operationId,
  }: Effect<Input, Output>): Promise<Effected<Output>> {
    try {
      const output = await this.attempts(call, `act:${operationId}`, input);
      return { kind: 'applied', output: output as Output };
    } catch (thrown) {
      const kind = thrown instanceof Failure ? thrown.kind : 'unknown';
      return { kind: kind === 'transient' ? 'unknown' : kind, why: messageOf(thrown) };
    }
  }

  async sleep(durationMs: number): Promise<void> {
    await this.simulated.time.sleep(durationMs);
  }

  async next(untilMs: number): Promise<Message | Unintelligible | undefined> {
    if (this.inbox.length === 0 && untilMs > this.now()) {
      await new Promise<void>((resolve) => {
        const takeBack = this.simulated.time.at(untilMs, resolve);
        this.wake = () => {
          takeBack();
          resolve();
        };
      });
      this.wake = undefined;
    }
    return this.inbox.shift();
  }

  show(status: RunStatus): void {
    this.shown.push(structuredClone(status));
  }

  /** Retries as Temporal does: transient failures and lost workers, with the same pauses, up to attemptsMax. */
  private async attempts<Input>(
    call: Call<Input, unknown>,
    site: string,
    input: Input,
  ): Promise<unknown> {
    let pauseMs = 250;
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.attempt({ call, input, fault: this.simulated.faults.at(site, attempt) });
      } catch (thrown) {
        const again =
          thrown instanceof Lost || (thrown instanceof Failure && thrown.kind === 'transient');
        if (!again) throw thrown;
        if (attempt >= call.attemptsMax) throw new Failure('unknown', messageOf(thrown));
        await this.sleep(thrown instanceof Busy ? thrown.retryAfterMs : pauseMs);
        pauseMs = Math.min(pauseMs * 2, seconds(10));
      }
    }
  }

  private async attempt<Input>({
    call,
    input,
    fault,
  }: {
    call: Call<Input, unknown>;
    input: Input;
    fault: FaultKind | undefined;
  }): Promise<unknown> {
    if (fault === 'fail') throw new Failure('failed', 'injected: it said no');
    if (fault === 'transient') throw new Failure('transient', 'injected: not now');
    if (fault === 'lost-before') return this.lost();
    const answer = await this.called(call.name, input);
    if (fault === 'fail-after') throw new Failure('unknown', 'injected: the answer was lost');
    if (fault === 'lost-after') return this.lost();
    return fault === 'repeat' ? this.called(call.name, input) : answer;
  }

  private async lost(): Promise<never> {
    await this.sleep(heartbeatTimeoutMs);
    throw new Lost('injected: the worker died');
  }

  /** JSON goes over the border, as it does on Temporal: nothing is shared. */
  private async called(name: string, input: unknown): Promise<unknown> {
    const call = this.simulated.calls.get(name);
    if (call === undefined) throw new Failure('failed', `nothing implements ${name}`);
    const output = await call(structuredClone(input) as never, { signal: never });
    return output === undefined ? undefined : structuredClone(output);
  }
}

class Lost extends Error {}
