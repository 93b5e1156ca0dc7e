/**
 * The interface between the story of a run and what drives it: Temporal, or the simulator.
 * The story knows nothing of the world, the clock or the network but these seven members.
 */
import type { Call } from './actions/action.js';
import type { FailureKind } from './domain/failure.js';
import type { Level } from './domain/level.js';
import type { Outcome } from './domain/outcome.js';
import type { Proposal } from './domain/plan.js';
import type { Message, OperatorMessage, Unintelligible } from './messages.js';

export interface Runtime {
  /** The run's id, `<runbook>.<fingerprint>.<startsAt in ms>`: names its leases, operations and ledger lines. */
  readonly id: string;
  /** Unix milliseconds on the run's own clock; stands still between awaits. */
  now(): number;
  /** A read or an idempotent write. It may happen twice. Throws a Failure once the call's attempts are used up. */
  ask<Input, Output>(call: Call<Input, Output>, input: Input, says: string): Promise<Output>;
  /** Changes the world under an operation id, the same over retries and workers. Never throws for what the world did. */
  act<Input, Output>(effect: Effect<Input, Output>): Promise<Effected<Output>>;
  /** Lets time pass; messages wait meanwhile. */
  sleep(durationMs: number, says: string): Promise<void>;
  /** The next message that nobody took yet, or undefined at `untilMs`. With a time already past it only looks. */
  next(untilMs: number, says: string): Promise<Message | Unintelligible | undefined>;
  /** Puts what people should see now where they look: current details, search attributes, offered signals. */
  show(status: RunStatus): void;
}

export interface Effect<Input, Output> {
  readonly call: Call<Input, Output>;
  readonly input: Input;
  readonly operationId: string;
  readonly says: string;
}

/** `transient` never comes out of here: once attempts are used up it cannot be told from `unknown`. */
export type Effected<Output> =
  | { readonly kind: 'applied'; readonly output: Output }
  | { readonly kind: Exclude<FailureKind, 'transient'>; readonly why: string };

export type RunState =
  'proposing' | 'waiting' | 'performing' | 'confirming' | 'unwinding' | 'watching' | 'closed';

/** A message people may send right now, as Temporal's UI lists it. */
export interface Offer {
  readonly kind: OperatorMessage;
  readonly gate: string;
  readonly planHash8: string;
  readonly says: string;
}

/** What a run says of itself; also the answer to its `status` query. Plain JSON. */
export interface RunStatus {
  readonly state: RunState;
  readonly runbook: string;
  readonly service: string;
  readonly level: Level | null;
  readonly proposal: Proposal | null;
  readonly outcome: Outcome | null;
  /** The gate that is waited at. */
  readonly gate: string | null;
  readonly waitingUntilMs: number | null;
  readonly offers: readonly Offer[];
  /** Markdown for a person. */
  readonly details: string;
}
