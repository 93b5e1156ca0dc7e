/**
 * The author's API: how a runbook is defined and what its `run` can do. A runbook is plain TypeScript over these seven
 * verbs; it runs first as a rehearsal, where steps only plan, and then for real, from the same function.
 */
import type { Action, Check, Fact } from './actions/action.js';
import type { Alert } from './domain/alert.js';
import type { Json } from './domain/json.js';
import type { DecisionNeeds } from './domain/telemetry.js';

/** Labels that must all be equal; `alertname` stands for the alert's name. */
export type LabelMatch = Readonly<Record<string, string>>;

export interface RunbookMeta {
  /** Kebab-case; stable for ever: run ids begin with it. */
  readonly name: string;
  readonly handles: readonly LabelMatch[];
  /** What it does, in one sentence. */
  readonly summary: string;
  /** An older alert is reported, not acted on. */
  readonly maxAgeMs: number;
  /** How long a finished repair can be taken back and is watched; limits.undoWindowMs when left out. */
  readonly undoWindowMs?: number;
  /**
   * What happens to the steps done when the service is still not well: `unwind` (default) takes them back, `keep`
   * leaves them, for repairs whose half is better than nothing.
   */
  readonly whenNotWell?: 'unwind' | 'keep';
  /** The safer runbook that takes over when nobody answered; without one the answer is no. */
  readonly fallback?: Runbook;
}

export interface Confirmation {
  readonly withinMs?: number;
  readonly everyMs?: number;
  /** It must be seen well for so long without a break; one look will do when left out. Shorter than `withinMs`. */
  readonly steadyForMs?: number;
}

/** How a change is brought to many targets: a few first, then so many at a time. */
export interface CanaryStages<Target, Input> {
  /** Targets of the first stage; 1 when left out. Of several targets at least one is kept for a later stage. */
  readonly first?: number;
  /** Targets of each later stage: so many, or a share of all such as `25%`, which is at least one. */
  readonly then: number | `${number}%`;
  readonly healthy: Healthy<Target, Input>;
}

/** What must be seen of every target of a stage before the next one begins; stays so for `limits.canarySteadyForMs` unless said. */
export interface Healthy<Target, Input> extends Confirmation {
  says(target: Target): string;
  readonly check: Check<Input>;
  input(target: Target): Input;
}

export interface Run {
  /**
   * Reads the world. In the real pass, up to the last step done, it answers what was seen before. `needs`: what this decision
   * wants otherwise than the fact declares; a RangeError for a fact that declares nothing.
   */
  observe<Input, Output>(
    fact: Fact<Input, Output>,
    input: Input,
    needs?: DecisionNeeds,
  ): Promise<Output>;
  /**
   * Changes the world, through gate, lease, ledger and undo; returns the after-image (in a rehearsal, the one foretold).
   * The name is unique in the runbook and stable over its versions.
   */
  step<Input, State>(name: string, action: Action<Input, State>, input: Input): Promise<State>;
  /** Waits, within bounds, until the check says well; otherwise the repair is taken back. */
  confirm<Input>(
    says: string,
    check: Check<Input>,
    input: Input,
    options?: Confirmation,
  ): Promise<void>;
  /** A sentence of why, for the people who decide. */
  because(why: string): void;
  /** Two sources of one fact must say the same; where they differ the run ends with telemetry-stale. */
  agree(what: string, ...values: readonly [Json, Json, ...Json[]]): void;
  /** Does branches side by side; when one fails the others end their present step first. */
  all<Result>(branches: readonly (() => Promise<Result>)[]): Promise<Result[]>;
  /**
   * Does the same to many targets by stages, each seen to be well before the next begins; when one is not, the repair is taken
   * back. The targets of a stage are done side by side. Throws for an empty list.
   */
  canary<Target, Input>(
    targets: readonly Target[],
    stages: CanaryStages<Target, Input>,
    each: (target: Target) => Promise<unknown>,
  ): Promise<void>;
  /** Does another runbook as a part of this one; its steps are named `<its name>/<step>`. */
  call(runbook: Runbook, alert: Alert): Promise<void>;
}

export type RunbookBody = (run: Run, alert: Alert) => Promise<void>;

export interface Runbook {
  readonly meta: RunbookMeta;
  readonly body: RunbookBody;
}

/** Throws for a name or summary that would break ids and pages later; a runbook is checked when it is loaded. */
export function defineRunbook(meta: RunbookMeta, body: RunbookBody): Runbook {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(meta.name)) {
    throw new RangeError(`runbook name "${meta.name}": use kebab-case, such as restart-service`);
  }
  if (meta.handles.length === 0) {
    throw new RangeError(`runbook ${meta.name}: handles is empty, so no alert would ever start it`);
  }
  return { meta, body };
}

/** The Temporal workflow type of a runbook: its name in camelCase, which is what workflows/index.ts exports. */
export function workflowTypeOf(runbookName: string): string {
  return runbookName.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** What starts a run. Plain JSON. */
export interface RunInput {
  readonly alert: Alert;
  /** `alert`, or `person:<name>`. */
  readonly trigger: string;
  /** Propose and judge only, write nothing, answer with the proposal. */
  readonly rehearseOnly?: boolean;
}
