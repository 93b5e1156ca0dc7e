/**
 * How a fact, a check and an action are declared: name, types, limits and how they are taken back.
 * Contracts only: what they do to the world is implemented in the other half under the same name.
 */
import type { Bound } from '../domain/bound.js';
import type { Json, JsonObject } from '../domain/json.js';
import type { ResourceOf } from '../domain/resource.js';
import type { TelemetryNeeds } from '../domain/telemetry.js';

/** One thing the replayed half may ask of the other. The phantom types tie a declaration to its implementation. */
export interface Call<Input, Output> {
  /** The activity type, `<system>.<what>[.<part>]`; histories hold it for ever. */
  readonly name: string;
  readonly timeoutMs: number;
  readonly attemptsMax: number;
  readonly types?: { readonly input: Input; readonly output: Output };
}

/** Something that can be observed. Reading it changes nothing, so it may be read twice. */
export interface Fact<Input, Output> extends Call<Input, Output> {
  readonly kind: 'fact';
  /** What a decision needs of it; one without is believed, and makes a proposal less sure. */
  readonly telemetry?: TelemetryNeeds;
}

/** What a check answers: is it well, and what was seen, in words for the report. */
export interface Health {
  readonly well: boolean;
  readonly seen: string;
}
export type Check<Input> = Fact<Input, Health>;

/** How a step is taken back: by the adapter's `undo`, or not at all, with the reason people read before they approve. */
export type Reversal = 'undo' | { readonly none: string };

export interface Action<Input, State> {
  readonly kind: 'action';
  readonly name: string;
  /** The class that policy grants a level to: `restart`, `configure`, `scale`, ... */
  readonly class: string;
  readonly reversal: Reversal;
  /** What the step touches, the same string for every way to name it: the key of leases and quarantine. */
  readonly target: (input: Input) => string;
  /** The step in one sentence, for a person who decides on it. */
  readonly describe: (input: Input) => string;
  readonly bounds: Readonly<Record<string, Bound>>;
  /** What it creates or changes: policy holds it against the approved lists. */
  readonly resource: ResourceOf<Input>;
  /** Reads the state the action is about: its before-image. Only what the action depends on, nothing that drifts. */
  readonly look: Call<Input, State>;
  /** Looks, and foretells the after-image from the before-image. Touches nothing. */
  readonly rehearse: Call<Input, Rehearsed<State>>;
  readonly apply: Call<Apply<Input, State>, State>;
  readonly verify: Call<Verify<Input, State>, Health>;
  readonly undo: Call<Undo<Input, State>, State>;
}

export interface Rehearsed<State> {
  readonly before: State;
  readonly expected: State;
}

export interface Apply<Input, State> {
  readonly operationId: string;
  readonly input: Input;
  /** The target must still be in this state, else the adapter refuses. */
  readonly before: State;
  readonly expected: State;
}

export interface Verify<Input, State> {
  readonly input: Input;
  readonly before: State;
  /** The after-image that was foretold. */
  readonly expected: State;
}

export interface Undo<Input, State> {
  /** The id of the operation to take back: the one its `apply` was given. */
  readonly operationId: string;
  readonly input: Input;
  readonly before: State;
  readonly expected: State;
  /** `unknown`: the step may never have taken effect; finding nothing to undo is then no failure. */
  readonly applied: 'yes' | 'unknown';
}

/** An action whose types have been forgotten, as lists and journals hold it. */
export type AnyAction = Action<JsonObject, Json>;

interface Limits {
  readonly timeoutMs: number;
  readonly attemptsMax: number;
}

/** Declares a fact or a check; it does nothing until the other half implements it under the same name. */
export function defineFact<Input, Output>(
  fact: Limits & { readonly name: string; readonly telemetry?: TelemetryNeeds },
): Fact<Input, Output> {
  return { kind: 'fact', ...fact };
}

export interface ActionDeclaration<Input> {
  readonly name: string;
  readonly class: string;
  readonly reversal: Reversal;
  readonly target: (input: Input) => string;
  readonly describe: (input: Input) => string;
  readonly bounds?: Readonly<Record<string, Bound>>;
  readonly resource: ResourceOf<Input>;
  /** Of `look`, `rehearse` and `verify`. */
  readonly reading: Limits;
  /** Of `apply` and `undo`: one attempt's time, and attempts after transient failures or a lost worker. */
  readonly changing: Limits;
}

/** Declares an action; its five calls are named `<name>.look|rehearse|apply|verify|undo`. */
export function defineAction<Input, State>(
  declared: ActionDeclaration<Input>,
): Action<Input, State> {
  const { name, reading, changing } = declared;
  return {
    kind: 'action',
    name,
    class: declared.class,
    reversal: declared.reversal,
    target: declared.target,
    describe: declared.describe,
    bounds: declared.bounds ?? {},
    resource: declared.resource,
    look: { name: `${name}.look`, ...reading },
    rehearse: { name: `${name}.rehearse`, ...reading },
    apply: { name: `${name}.apply`, ...changing },
    verify: { name: `${name}.verify`, ...reading },
    undo: { name: `${name}.undo`, ...changing },
  };
}

/** True for the names of calls that change the world; the interceptors let them pass only from inside a step. */
export function changesTheWorld(callName: string): boolean {
  return callName.endsWith('.apply') || callName.endsWith('.undo');
}

/** Why the action cannot be taken back, or undefined when it can. */
export function irreversibleBecause(action: { readonly reversal: Reversal }): string | undefined {
  return action.reversal === 'undo' ? undefined : action.reversal.none;
}

/** The header that carries a step's operation id to the worker, which refuses a changing activity without it. */
export const operationHeader = 'belay-operation';
