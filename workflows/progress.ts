/** Everything one run remembers between its stages; a plain object per run, since workflow modules keep no state. */
import type { AnyAction } from './actions/action.js';
import type { Alert } from './domain/alert.js';
import type { JsonObject } from './domain/json.js';
import type { PlannedStep, Proposal } from './domain/plan.js';
import type { OutcomeKind } from './domain/outcome.js';
import type { Reason } from './domain/reason.js';
import { Journal } from './journal.js';
import { Ledger } from './ledger.js';
import type { Runbook, RunInput } from './runbook.js';
import type { Runtime } from './runtime.js';
import type { Terms } from './store.js';

/** A step that was begun: its undo is armed before its effect is tried. */
export interface Begun {
  readonly step: PlannedStep;
  readonly action: AnyAction;
  /** `no` once the adapter said that nothing took effect. */
  applied: 'yes' | 'unknown' | 'no';
  undone: boolean;
}

/** Why a run came to its end without resolving anything. */
export interface Ending {
  readonly kind: 'ended';
  readonly reason: Reason;
  readonly why: string;
}

export interface Progress {
  readonly runtime: Runtime;
  readonly alert: Alert;
  readonly trigger: string;
  readonly ledger: Ledger;
  readonly journal: Journal;
  /** In the order they were begun. */
  readonly begun: Begun[];
  /** Step inputs a person changed, by step name. */
  readonly modified: Map<string, JsonObject>;
  /** Changes once at most: to the fallback, when nobody answered. */
  runbook: Runbook;
  onFallback: boolean;
  proposal: Proposal | null;
  terms: Terms | null;
  /** Its sender says that the alert is over. */
  resolved: boolean;
  /** The same alert fired again while the repair was watched. */
  recurred: boolean;
  messagesSeen: number;
  readonly openedAtMs: number;
}

/** What a run leaves behind: the workflow's result. Plain JSON. */
export interface Report {
  readonly run: string;
  readonly runbook: string;
  readonly service: string;
  readonly outcome: OutcomeKind;
  readonly reason: Reason | null;
  readonly why: string;
  /** Steps that took effect, or may have. */
  readonly steps: readonly {
    readonly name: string;
    readonly says: string;
    readonly undone: boolean;
  }[];
  /** `held` or `recurred` for a watched repair, else null. */
  readonly afterwards: 'held' | 'recurred' | null;
}

/** What a run remembers before it has done anything. */
export function beginRun(runtime: Runtime, runbook: Runbook, input: RunInput): Progress {
  const { alert, trigger } = input;
  const ref = { run: runtime.id, runbook: runbook.meta.name, alert, trigger };
  return {
    runtime,
    alert,
    trigger,
    runbook,
    ledger: new Ledger(runtime, ref),
    journal: new Journal(),
    begun: [],
    modified: new Map(),
    onFallback: false,
    proposal: null,
    terms: null,
    resolved: false,
    recurred: false,
    messagesSeen: 0,
    openedAtMs: runtime.now(),
  };
}

/** Says why a run ends without having resolved anything. */
export function ended(reason: Reason, why: string): Ending {
  return { kind: 'ended', reason, why };
}

/** Steps that may have changed the world and were not taken back. */
export function standing(progress: Progress): Begun[] {
  return progress.begun.filter((begun) => begun.applied !== 'no' && !begun.undone);
}

/** The id of a step's effect: the same over retries, workers and resets of the run. */
export function operationIdOf(progress: Progress, step: string): string {
  return `${progress.runtime.id}/${step}`;
}
