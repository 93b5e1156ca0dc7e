/** The shape of one line of the ledger; what is written here is never changed, only added to. */
import type { Json } from './json.js';
import type { Level } from './level.js';
import type { OutcomeKind } from './outcome.js';
import type { Reason } from './reason.js';

/**
 * - `opened`: a run began.            - `proposal`: what it would do, with the plan hash.
 * - `decision`: a gate's answer.      - `escalation`: somebody was told and is waited for.
 * - `signal`: a person's message and what became of it (counted, or ignored and why).
 * - `intent`: an effect is about to be tried; always before it. - `effect`: what the effect came to.
 * - `undo`: what taking a step back came to (its intent is an `intent` too).
 * - `confirmation`: what was seen when the run asked whether the service is well.
 * - `outcome`: how the run ended; once more when a resolved run is taken back.
 * - `closed`: the run's last line: held, recurred or taken back. Only the answer to a message that came with it may follow.
 * - `switch`: the engine was stopped or resumed; belongs to no run.
 * - `audit`: about the ledger itself: the digest of a run's history, a month that was retired.
 * - `policy`: another set of policies is in force, or one was refused; belongs to no run.
 * - `trust`: what a class of action may do alone was granted, earned or lost; or a person said what they did in a run's place.
 * - `drill`: a runbook was tried against its own fault; belongs to no run.
 * - `intake`: something about a source that people must know, such as wrong secrets; belongs to no run.
 */
export const entryKinds = [
  'opened',
  'proposal',
  'decision',
  'escalation',
  'signal',
  'intent',
  'effect',
  'undo',
  'confirmation',
  'outcome',
  'closed',
  'switch',
  'policy',
  'intake',
  'audit',
  'trust',
  'drill',
] as const;
export type EntryKind = (typeof entryKinds)[number];

/** How much a service matters; also how loudly its entries speak. */
export const tiers = ['info', 'warning', 'critical'] as const;
export type Tier = (typeof tiers)[number];

/** What the replayed half writes. The store adds id, runbook digest, tier and sequence. */
export interface Entry {
  readonly kind: EntryKind;
  /** One sentence for a person. */
  readonly says: string;
  /** Unix milliseconds on the run's own clock. */
  readonly atMs: number;
  /** The how-manieth line its run wrote, from 0: tells lines apart that say the same. Equal when a call is made again. */
  readonly ordinal?: number;
  readonly actor?: string;
  readonly step?: string;
  readonly actionClass?: string;
  readonly level?: Level;
  readonly reason?: Reason;
  readonly outcome?: OutcomeKind;
  readonly expected?: Json;
  readonly actual?: Json;
  readonly before?: Json;
  readonly after?: Json;
  readonly durationMs?: number;
  /** Whatever else belongs to the kind: the proposal, the gate verdicts, the signal's payload. */
  readonly detail?: Json;
}

/** Somebody is to be told. Committed with its entry, delivered afterwards until the channel takes it. */
export interface Notice {
  /** A name from the escalation chain, or `everyone` for the overseers. */
  readonly to: string;
  readonly urgency: 'page' | 'tell';
  readonly title: string;
  readonly text: string;
}
