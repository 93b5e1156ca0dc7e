/**
 * What the engine asks of its own store: to judge the gates, to admit a run, to write the ledger.
 * Contracts only. Every call is idempotent, because a short call runs again when a worker dies under it.
 */
import type { Call } from './actions/action.js';
import type { Alert } from './domain/alert.js';
import type { Entry, Notice, Tier } from './domain/entry.js';
import type { Level } from './domain/level.js';
import type { Outcome } from './domain/outcome.js';
import type { Proposal } from './domain/plan.js';
import type { Verdict } from './domain/verdict.js';
import { seconds } from './domain/time.js';

/** Which run is speaking. */
export interface RunRef {
  readonly run: string;
  readonly runbook: string;
  readonly alert: Alert;
  /** Who or what started it: `alert`, or `person:<name>`. */
  readonly trigger: string;
}

/** Ledger lines and notices that are committed together, in order. */
export interface Pages {
  readonly entries: readonly Entry[];
  readonly notices: readonly Notice[];
}

export interface RecordInput extends RunRef, Pages {
  /** Give the leases back. */
  readonly release?: boolean;
  /** Nothing may touch these targets until a person releases them. */
  readonly quarantine?: { readonly targets: readonly string[]; readonly why: string };
}

export interface JudgeInput extends RunRef, Pages {
  readonly proposal: Proposal;
  readonly maxAgeMs: number;
  /** The run was told that its alert is over. */
  readonly resolved: boolean;
  readonly nowMs: number;
  /** At admission: the terms under which it was agreed to. Policy that by now asks for more refuses. */
  readonly agreed?: { readonly level: Level; readonly approvalsMin: number };
  /** At admission: written with the leases or not at all. The first effect's intent, and who is told of it. */
  readonly onceIn?: Pages;
}

export interface JudgedGate {
  readonly gate: string;
  readonly verdict: Verdict;
}

/** One rung of an escalation chain: who is told, and how long their answer is waited for. */
export interface Rung {
  readonly notify: string;
  readonly waitMs: number;
}

/** What policy says about people: how many must agree, who is asked in which order, how long a veto has. */
export interface Terms {
  readonly level: Level;
  readonly approvalsMin: number;
  readonly chain: readonly Rung[];
  /** Level 4: how long people may veto before the engine acts; 0 for none. */
  readonly vetoWindowMs: number;
  /** Channels told before and after. */
  readonly overseers: readonly string[];
  readonly tier: Tier;
}

export interface Judgement {
  /** In the order they were asked, up to and including the first that did not pass. */
  readonly gates: readonly JudgedGate[];
  /** Null when policy gave none, or was not reached. */
  readonly terms: Terms | null;
}

/** A signal's sender as the Temporal server recorded it. Text of the client: never evidence. */
export interface Attribution {
  readonly identity: string;
}

/** Retried for as long as the store is away: without the ledger nothing may go on. */
const patient = { timeoutMs: seconds(10), attemptsMax: Number.MAX_SAFE_INTEGER } as const;
/** A judgement that cannot be had in a few attempts is a refusal, not a wait. */
const brisk = { timeoutMs: seconds(10), attemptsMax: 5 } as const;

/**
 * Null, or the outcome that stands where the input brings another: a run that lost what it knew is told again, perhaps otherwise,
 * and then goes by the first. Only a resolved run comes to a second one, by being taken back.
 */
export const record: Call<RecordInput, Outcome | null> = { name: 'store.record', ...patient };
/** Asks every gate but approval whether there is a point; takes nothing. Like `admit` it fails for a run that has its outcome. */
export const consider: Call<JudgeInput, Judgement> = { name: 'store.consider', ...brisk };
/** Asks them again and takes the leases, in one transaction: all or nothing. */
export const admit: Call<JudgeInput, Judgement> = { name: 'store.admit', ...brisk };
export const attribute: Call<{ readonly signal: string; readonly ordinal: number }, Attribution> = {
  name: 'store.attribute',
  timeoutMs: seconds(5),
  attemptsMax: 5,
};

export const storeCalls = { record, consider, admit, attribute } as const;
