/** What a run would do, and the hash that binds an approval to exactly that; plans nothing itself. */
import type { Bound } from './bound.js';
import type { Confidence } from './telemetry.js';
import { digest, type Json, type JsonObject } from './json.js';
import type { ChangedResource } from './resource.js';

/** One rehearsed step. */
export interface PlannedStep {
  /** Unique in the runbook and stable over its versions: the key of journal, undo and operation id. */
  readonly name: string;
  readonly action: string;
  readonly actionClass: string;
  readonly target: string;
  readonly says: string;
  readonly input: JsonObject;
  readonly before: Json;
  readonly expected: Json;
  /** Null when the step can be taken back, else why it cannot. */
  readonly irreversible: string | null;
  readonly bounds: Readonly<Record<string, Bound>>;
  /** What it creates or changes, where its action declares that: policy holds it against its lists. */
  readonly resource?: ChangedResource;
}

/** What the runbook will wait to see after its steps. */
export interface PlannedConfirmation {
  readonly says: string;
  readonly withinMs: number;
}

export interface Proposal {
  readonly runbook: string;
  /** How many proposals this run made before this one, plus one. */
  readonly round: number;
  /** Steps that are still to be done, in the order they were rehearsed. */
  readonly steps: readonly PlannedStep[];
  /** Names of the steps already done in this run; approving means approving the rest. */
  readonly done: readonly string[];
  readonly confirmations: readonly PlannedConfirmation[];
  readonly because: readonly string[];
  /** How far what was seen carries it; not there in proposals from before it was told. */
  readonly confidence?: Confidence;
  /** Full hash; people see and type its first eight characters. */
  readonly planHash: string;
}

/**
 * Lower-case hex SHA-256 over the runbook, the steps still to do with inputs, targets and before-images, and the
 * confirmations. Words for people (`says`, `because`) are left out: rewording a sentence is no new plan.
 */
export function planHashOf(
  plan: Omit<Proposal, 'planHash' | 'round' | 'because' | 'confidence'>,
): string {
  return digest({
    runbook: plan.runbook,
    steps: plan.steps.map(({ name, action, target, input, before, expected }) => ({
      name,
      action,
      target,
      input,
      before,
      expected,
    })),
    done: plan.done,
    confirmations: plan.confirmations,
  });
}

export const shortHashLength = 8;

/** What people see and type of a plan hash. */
export function shortHash(planHash: string): string {
  return planHash.slice(0, shortHashLength);
}

/** Does what a person named mean this plan? At least eight characters of its hash, from the front. */
export function namesPlan(named: string, planHash: string): boolean {
  return named.length >= shortHashLength && planHash.startsWith(named.toLowerCase());
}

/** Everything the steps touch, each target once. */
export function targetsOf(proposal: Proposal): string[] {
  return [...new Set(proposal.steps.map((step) => step.target))];
}
