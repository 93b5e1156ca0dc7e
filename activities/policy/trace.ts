/** Why policy said what it said to one proposal: facts, policies that decided, set and level; plain data for the ledger. */
import type { Level } from '../../workflows/domain/level.js';
import type { ChangedResource } from '../../workflows/domain/resource.js';
import type { FactName, FactValue } from './fact.js';
import type { LevelDecision } from './evaluate.js';

/** The set that answered. */
export interface SetMark {
  /** Lower-case hex SHA-256 over the names and digests of all its files. */
  readonly digest: string;
  /** What people call this state of the set; null when services.yaml names no release. */
  readonly release: string | null;
  /** Why the files as they were then were not in force, and an older set was; absent when they were. */
  readonly refused?: string;
}

export interface StepTrace {
  readonly step: string;
  readonly level: Level | null;
  /** Ids of the policies that permit it at its level. */
  readonly by: readonly string[];
  /** Ids of the policies that forbid the next level; empty where nothing permits it. */
  readonly held: readonly string[];
  /** What differs between steps: class, reversible, approved. */
  readonly facts: Readonly<Partial<Record<FactName, FactValue>>>;
  /** What it creates or changes, so that other lists can be asked about it; absent when its action says that it is none. */
  readonly resource?: ChangedResource;
  /** Why its resource is not approved; absent when it is, or when it has none. */
  readonly unapproved?: string;
  /** What is done instead, where people decide because what was seen is doubtful; absent where policy's level stands. */
  readonly lowered?: { readonly level: Level; readonly why: string };
  /** Why there is no answer, where there is none. */
  readonly error?: string;
}

export interface PolicyTrace {
  readonly v: 1;
  readonly set: SetMark;
  readonly runbook: string;
  readonly service: string;
  /** Of the whole proposal. */
  readonly facts: Readonly<Partial<Record<FactName, FactValue>>>;
  /** What could not be measured, and why. What nobody measures is in neither list. */
  readonly unknown: Readonly<Partial<Record<FactName, string>>>;
  readonly steps: readonly StepTrace[];
}

/** One sentence: the level, and who decided it. */
export function levelText({ level, by, heldBy, error }: LevelDecision): string {
  if (error !== null) return `policy gave no answer: ${error}`;
  const next = level === null ? 1 : level + 1;
  const held =
    heldBy.length > 0
      ? `${listed(heldBy)} ${heldBy.length === 1 ? 'forbids' : 'forbid'} level ${next}`
      : `no policy permits level ${next}`;
  if (level === null) return held;
  return `level ${level} by ${listed(by)}${level === 5 ? '' : `; ${held}`}`;
}

function listed(ids: readonly string[]): string {
  return ids.length <= 3
    ? ids.join(', ')
    : `${ids.slice(0, 3).join(', ')} and ${ids.length - 3} more`;
}
