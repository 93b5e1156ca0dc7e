/** Takes the place of the simulator's Runtime: the one of Temporal on its stand-in, so that its code is played too. */
import type { Call } from '../../../workflows/actions/action.js';
import type { Message, Unintelligible } from '../../../workflows/messages.js';
import { TemporalRuntime } from '../../../workflows/runtime-temporal.js';
import type { Effect, Effected, Runtime, RunStatus } from '../../../workflows/runtime.js';
import { SimRuntime as Calls, type Simulated } from '../../support/simulator/sim-runtime.js';
import { Sandbox, within } from './temporal.js';

export type { Simulated };

export class SimRuntime implements Runtime {
  readonly id: string;
  private readonly sandbox: Sandbox;
  private readonly runtime: TemporalRuntime;

  constructor(simulated: Simulated) {
    this.id = simulated.id;
    this.sandbox = new Sandbox(simulated.id, simulated.time, new Calls(simulated));
    setVirtualTime(() => simulated.time.now());
    this.runtime = within(this.sandbox, () => new TemporalRuntime());
  }

  now(): number {
    return this.runtime.now();
  }

  send(signal: string, payload?: unknown): void {
    within(this.sandbox, () => this.sandbox.signal(signal, payload));
  }

  ask<Input, Output>(call: Call<Input, Output>, input: Input, says: string): Promise<Output> {
    return within(this.sandbox, () => this.runtime.ask(call, input, says));
  }

  act<Input, Output>(effect: Effect<Input, Output>): Promise<Effected<Output>> {
    return within(this.sandbox, () => this.runtime.act(effect));
  }

  sleep(durationMs: number, says: string): Promise<void> {
    return within(this.sandbox, () => this.runtime.sleep(durationMs, says));
  }

  next(untilMs: number, says: string): Promise<Message | Unintelligible | undefined> {
    return within(this.sandbox, () => this.runtime.next(untilMs, says));
  }

  show(status: RunStatus): void {
    within(this.sandbox, () => this.runtime.show(status));
  }
}

/** In this build `Date.now` is read from here; stories are played one after the other. */
function setVirtualTime(now: () => number): void {
  Object.assign(globalThis, { belayVirtualNow: now });
}
