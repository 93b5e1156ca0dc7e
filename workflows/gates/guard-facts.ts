/** What the guards count before a run may act: each fact known or not, each with its limit beside it. Counts nothing itself. */
import type { Known } from '../domain/verdict.js';

/** So much, of at most so much, in the time before now. */
export interface Counted {
  readonly count: number;
  readonly max: number;
  readonly withinMs: number;
}

/** What a calendar says of this moment and this run. */
export interface Freeze {
  /** `freeze`: nothing is changed. `no-automation`: nothing is changed unless a person agrees to it. */
  readonly kind: 'freeze' | 'no-automation';
  readonly says: string;
  readonly calendar: string;
  /** Unix milliseconds. */
  readonly untilMs: number;
}

/** How many services of a zone, or of the fleet, are sick. */
export interface StormFact {
  /** `zone eu-1`, or `the fleet`. */
  readonly scope: string;
  readonly sick: number;
  readonly services: number;
  /** `on`: nothing begins. `ending`: a few begin at a time. */
  readonly state: 'calm' | 'on' | 'ending';
  /** While it ends: runs let in since then, and how many may have been by now. */
  readonly admitted: number;
  readonly mayBeAdmitted: number;
}

/** A service this one depends on, and the run that works on it, or did so in vain a short while ago. */
export interface SickDependency {
  readonly service: string;
  readonly run: string;
}

/** What other runs hold of a service, a zone or the fleet, and what this run would add. */
export interface Radius {
  /** `service shop`, `zone eu-1`, `the fleet`, or `zones`. */
  readonly scope: string;
  readonly unit: 'runs' | 'targets' | 'unhealthy instances' | 'zones';
  readonly held: number;
  readonly adds: number;
  readonly max: number;
  /** Why `max` is what it is: `50% of 4 instances`. */
  readonly says: string;
}

/** Points of risk taken by others, and what this run would add. */
export interface RiskFact extends Counted {
  readonly adds: number;
}

/** What is left of a service's error budget, 1 for all of it. */
export interface ErrorBudgetFact {
  readonly left: number;
  readonly leftMin: number;
  /** Of the figure. */
  readonly ageMs: number;
  readonly ageMsMax: number;
}

/** Actions of one class that were let in, and what this run would add. */
export interface RateFact extends Counted {
  readonly actionClass: string;
  readonly adds: number;
}

/** One earlier attempt at an action, and what came of it. */
export interface Attempt {
  readonly run: string;
  /** `bad` for everything but a repair that was seen to hold: what nobody can tell is no success. */
  readonly came: 'well' | 'bad' | 'pending';
  /** When it ended, or began if it has not; Unix milliseconds. */
  readonly atMs: number;
}

/** The breaker of one action, on one target or on any. */
export interface Circuit {
  /** `supervisor.restart on process:local/shop`, or `supervisor.restart on any target`. */
  readonly says: string;
  /** The newest first, of other runs; at least `failuresMax` of them if there are as many. */
  readonly attempts: readonly Attempt[];
  readonly failuresMax: number;
  readonly retryAfterMs: number;
}

/** Null, or an empty list, where a guard is switched off or has no say about the run. */
export interface GuardFacts {
  readonly frozen: Known<readonly Freeze[]>;
  readonly recurring: Known<Counted | null>;
  readonly storms: Known<readonly StormFact[]>;
  readonly sickDependencies: Known<readonly SickDependency[]>;
  readonly radii: Known<readonly Radius[]>;
  readonly risk: Known<RiskFact | null>;
  readonly errorBudget: Known<ErrorBudgetFact | null>;
  readonly rates: Known<readonly RateFact[]>;
  readonly circuits: Known<readonly Circuit[]>;
}
