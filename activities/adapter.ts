/**
 * The shape an adapter implements for each declared action and fact. Adapters know their system, throw Failure to say
 * what kind of failure it was, and know nothing of Temporal, the store or each other.
 */
import type { Action, Apply, Fact, Health, Undo, Verify } from '../workflows/actions/action.js';

/** What an adapter is given beside its input. */
export interface AdapterContext {
  /** Fires when the attempt's time is up or its worker shuts down: stop before the next effect and throw Failure('unknown'). */
  readonly signal: AbortSignal;
}

export interface EffectContext extends AdapterContext {
  /** Unix milliseconds at which the first attempt of this operation began: an effect newer than this is its own. */
  readonly firstAttemptAtMs: number;
  /** 1 while no earlier attempt can have taken effect. From 2 on one may have: look before acting. */
  readonly attempt: number;
  /**
   * To be called right before each change, with nothing awaited in between. Throws Failure('transient') when this attempt may have
   * lost its operation to another one: a process that was paused goes on where it stood and hears of nothing until it awaits.
   * Throws too once a stop covers the effect: 'refused' before the first change, 'unknown' after it.
   * An attempt that fails without having called it is known to have changed nothing.
   * With `completes` a stop does not keep the change: it ends what an earlier change of the same operation began, and half of it
   * would be worse than all of it or none. A process that was stopped to be started is started.
   */
  requireClaim(change?: 'completes'): void;
  /**
   * Fires when a stop covers the effect: let the change under way come to its end, begin no other, end waiting. Whoever waits longer
   * than a second listens to it. Never fires for an undo.
   */
  readonly stopped: AbortSignal;
}

/**
 * `apply` and `undo` are safe to repeat under one operation id, and `apply` refuses (Failure 'refused') when the target
 * is in neither its before-image nor the state an earlier attempt of the same operation left.
 * `apply` returns the after-image it saw, `undo` the state it left.
 */
export interface ActionAdapter<Input, State> {
  look(input: Input, context: AdapterContext): Promise<State>;
  plan(input: { readonly input: Input; readonly before: State }): State | Promise<State>;
  apply(input: Apply<Input, State>, context: EffectContext): Promise<State>;
  verify(input: Verify<Input, State>, context: AdapterContext): Promise<Health>;
  undo(input: Undo<Input, State>, context: EffectContext): Promise<State>;
}

export type FactAdapter<Input, Output> = (input: Input, context: AdapterContext) => Promise<Output>;

/** An implementation tied to its declaration; the worker turns a list of these into Temporal activities. */
export type Implementation =
  | { readonly action: Action<never, unknown>; readonly adapter: ActionAdapter<never, unknown> }
  | { readonly fact: Fact<never, unknown>; readonly adapter: FactAdapter<never, unknown> };

/** Ties an adapter to its declared action; the compiler checks that their types agree. */
export function implementAction<Input, State>(
  action: Action<Input, State>,
  adapter: ActionAdapter<Input, State>,
): Implementation {
  return { action, adapter } as unknown as Implementation;
}

/** Ties a function to the fact or check it answers; the compiler checks that their types agree. */
export function implementFact<Input, Output>(
  fact: Fact<Input, Output>,
  adapter: FactAdapter<Input, Output>,
): Implementation {
  return { fact, adapter } as unknown as Implementation;
}
