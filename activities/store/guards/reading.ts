/** What was counted for one run, as the store found it: plain numbers and lists, before any limit is held against them. */
import type { Attempt, SickDependency } from '../../../workflows/gates/guard-facts.js';

/** Of one scope: what other runs hold, and what the run itself holds beyond its present plan. */
export interface Held {
  readonly runs: number;
  readonly targets: number;
}

/** The state a scope was last seen in. */
export interface StormStand {
  readonly scope: string;
  readonly state: 'calm' | 'on' | 'ending';
  readonly sinceMs: number;
  /** Runs let in there since then, other than this one. */
  readonly admitted: number;
}

export interface GuardReading {
  /** Of the clock by which everything here was counted, Unix milliseconds. */
  readonly atMs: number;
  /** Runs let in for the service within the window, other than this one. */
  readonly recoveries: number;
  /** By scope. */
  readonly held: Readonly<Record<string, Held>>;
  /** Zones other than this run's own in which other runs hold something. */
  readonly otherZones: number;
  /** Of the service: quarantined targets, and runs that began earlier and still wait to touch theirs. */
  readonly unhealthy: number;
  /** Points of risk taken within the window, but for those of this plan. */
  readonly risk: number;
  /** By class of action: let in within the window, but for those of this plan. */
  readonly rates: Readonly<Record<string, number>>;
  /** By circuitKey; the newest first. */
  readonly circuits: Readonly<Record<string, readonly Attempt[]>>;
  /** Services with a run that is open, or that ended in vain a short while ago. */
  readonly sick: readonly string[];
  readonly storms: readonly StormStand[];
  /** Of the services this one depends on, those that are sick. */
  readonly sickBelow: readonly SickDependency[];
}

export const emptyReading: GuardReading = {
  atMs: 0,
  recoveries: 0,
  held: {},
  otherZones: 0,
  unhealthy: 0,
  risk: 0,
  rates: {},
  circuits: {},
  sick: [],
  storms: [],
  sickBelow: [],
};
