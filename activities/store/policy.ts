/** What the store asks of policy; implemented elsewhere and handed in, so that the store knows no policy language. */
import type { Alert } from '../../workflows/domain/alert.js';
import type { Tier } from '../../workflows/domain/entry.js';
import type { PlannedStep } from '../../workflows/domain/plan.js';
import type { Known } from '../../workflows/domain/verdict.js';
import type { StepPermission } from '../../workflows/gates/gate.js';
import type { Terms } from '../../workflows/store.js';
import type { PolicyFacts } from '../policy/fact.js';
import type { PolicyTrace } from '../policy/trace.js';
import type { TelemetryFacts } from './telemetry-facts.js';

export interface PolicyAnswer {
  readonly permissions: readonly StepPermission[];
  readonly terms: Terms | null;
  readonly self: readonly string[];
  /** Of the policy text that answered; it stands in every decision. */
  readonly digest: string;
  /** Facts, policies that decided, set and level: kept with the decision. */
  readonly trace?: PolicyTrace;
  /** The same question once more, of the same set, with more facts. */
  weighing?(facts: PolicyFacts): PolicyAnswer;
}

export interface Policy {
  /** Never throws: policy that cannot be read is `known: false`. */
  ask(question: {
    readonly runbook: string;
    readonly alert: Alert;
    readonly steps: readonly PlannedStep[];
    readonly nowMs?: number;
    /** What the proposal says of its observations. */
    readonly facts?: TelemetryFacts;
  }): Promise<Known<PolicyAnswer>>;
  tierOf(service: string): Promise<Tier | null>;
}
