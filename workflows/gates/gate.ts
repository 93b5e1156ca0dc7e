/** The one shape every gate has: facts in, verdict out, pure. Gathers no facts and takes nothing. */
import type { Alert } from '../domain/alert.js';
import type { Level } from '../domain/level.js';
import type { PlannedStep } from '../domain/plan.js';
import type { Reason } from '../domain/reason.js';
import type { Known, Verdict } from '../domain/verdict.js';
import { refuse } from '../domain/verdict.js';
import type { GuardFacts } from './guard-facts.js';

/** A switch that a person turned off: nothing in its scope may act. */
export interface StopOrder {
  readonly scope: string;
  readonly by: string;
  readonly why: string;
}

export interface Quarantine {
  readonly target: string;
  readonly run: string;
  readonly why: string;
}

export interface Lease {
  readonly target: string;
  readonly holder: string;
}

/** Policy's answer for one step; level null when nothing permits it. */
export interface StepPermission {
  readonly step: string;
  readonly level: Level | null;
  readonly why: string;
  /** Why what it would create or change is not approved; absent when it is, or when there is nothing to approve. */
  readonly unapproved?: string;
}

/** Everything the gates may look at, read in one go. What could not be read says so. */
export interface GateFacts {
  readonly nowMs: number;
  readonly run: string;
  readonly alert: Alert;
  readonly resolved: boolean;
  readonly maxAgeMs: number;
  readonly steps: readonly PlannedStep[];
  /** Stop orders whose scope covers this run. */
  readonly stops: Known<readonly StopOrder[]>;
  /** Patterns of targets and services that are Belay's own parts; `*` stands for any text. */
  readonly self: Known<readonly string[]>;
  readonly quarantined: Known<readonly Quarantine[]>;
  /** Leases on the steps' targets that other runs hold. */
  readonly leases: Known<readonly Lease[]>;
  readonly permissions: Known<readonly StepPermission[]>;
  /** What policy asks of people now; null when it permits nothing. */
  readonly asked: Known<Consent | null>;
  /** What people, or policy in their stead, agreed to; null before anybody was asked. */
  readonly agreed: Consent | null;
  /** What the guards count: see guard-facts.ts. */
  readonly guards: GuardFacts;
}

/** How much say people have: the lower the level and the more approvals, the more. */
export interface Consent {
  readonly level: Level;
  readonly approvalsMin: number;
}

export interface Gate {
  readonly name: string;
  readonly reason: Reason;
  judge(facts: GateFacts): Verdict;
}

/** The verdict of a gate whose fact could not be read: no. */
export function unreadable(gate: string, why: string): Verdict {
  return refuse('unreadable', `the ${gate} gate could not read its facts: ${why}`);
}
