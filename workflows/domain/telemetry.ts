/**
 * What an observation must bring to be decided on, how sure a proposal may be of what it saw, and when two observations
 * contradict each other. Judges what is in an answer; asks nobody and knows no clock.
 */
import { same } from './json.js';

/** What a decision needs of one observation. */
export interface TelemetryNeeds {
  /** Fields the answer must have; a null or a number that is none counts as missing. */
  readonly requires: readonly string[];
  /** Older is stale. */
  readonly maxAgeMs: number;
  /** `live`: read off the thing itself, as old as the asking. `sample`: its adapter answers with `observedAtMs`. */
  readonly dated: 'live' | 'sample';
  /** What a flaw does: `refuse` ends the run with telemetry-stale, `ask-people` lets it go on at level 3 at most. */
  readonly whenFlawed: 'refuse' | 'ask-people';
}

/** What one decision needs otherwise than the fact declares; what is left out is as declared. */
export type DecisionNeeds = Partial<Omit<TelemetryNeeds, 'dated'>>;

/** One thing the confidence of a proposal is made of. */
export interface ConfidencePart {
  readonly what: string;
  readonly weight: number;
  /** 0 to 1. */
  readonly value: number;
  readonly why: string;
  /** Of the observation; null where it cannot be told, absent where nobody asked for it. */
  readonly ageMs?: number | null;
  /** Stale, or a field is missing: people decide. */
  readonly flawed?: true;
}

/** How far what was seen carries the decision: the weighted mean of its parts, 0 to 1. No word on whether the repair helps. */
export interface Confidence {
  readonly value: number;
  readonly parts: readonly ConfidencePart[];
}

/** An observation that must not be decided on; ends the run with telemetry-stale. */
export class TelemetryFlaw extends Error {
  override readonly name = 'TelemetryFlaw';
}

/** Parts a proposal shows; what is beyond is summed up in none, so a bound far above any runbook. */
const partsMax = 50;

/**
 * One observation by what it declared it needs. `ageMs` is put in by the other half as the answer comes; null where the age could
 * not be told. An answer without it is one of a history from before there were needs.
 */
export function partOf(
  name: string,
  needs: TelemetryNeeds | undefined,
  answer: unknown,
): ConfidencePart {
  if (needs === undefined) {
    return { what: name, weight: 1, value: 0.5, why: 'nobody said how old it may be' };
  }
  const fields = (answer ?? {}) as Readonly<Record<string, unknown>>;
  const ageMs = ageIn(fields);
  const part = { what: name, weight: 1, ...(ageMs === undefined ? {} : { ageMs }) };
  const flaw = flawOf(needs, fields);
  if (flaw !== undefined) return { ...part, value: 0, why: flaw, flawed: true };
  const value = rounded(1 - (ageMs ?? 0) / needs.maxAgeMs / 2);
  return {
    ...part,
    value,
    why: `${secondsText(ageMs ?? 0)} old of ${secondsText(needs.maxAgeMs)}`,
  };
}

/**
 * What the fact declares, as the decision narrows or widens it. Throws RangeError for a fact that declares nothing: nobody tells
 * the age of its answers, so a maximum would never refuse.
 */
export function needsOf(
  name: string,
  declared: TelemetryNeeds | undefined,
  wanted: DecisionNeeds | undefined,
): TelemetryNeeds | undefined {
  if (wanted === undefined) return declared;
  if (declared !== undefined) return { ...declared, ...wanted };
  throw new RangeError(`${name} tells no age: declare its telemetry where the fact is defined`);
}

function ageIn({ ageMs }: Readonly<Record<string, unknown>>): number | null | undefined {
  if (ageMs === undefined) return undefined;
  return typeof ageMs === 'number' ? ageMs : null;
}

function flawOf(
  { requires, maxAgeMs }: TelemetryNeeds,
  fields: Readonly<Record<string, unknown>>,
): string | undefined {
  const missing = requires.filter((field) => !isThere(fields[field]));
  if (missing.length > 0) return `it lacks ${missing.join(', ')}`;
  const ageMs = ageIn(fields);
  if (ageMs === undefined) return undefined;
  if (ageMs === null) return 'nobody can tell how old it is';
  if (ageMs <= maxAgeMs) return undefined;
  return `it is ${secondsText(ageMs)} old, ${secondsText(maxAgeMs)} at most are of use`;
}

function isThere(value: unknown): boolean {
  return (
    value !== undefined && value !== null && (typeof value !== 'number' || Number.isFinite(value))
  );
}

/** Several sources of one thing; flawed when two of them differ. */
export function agreement(what: string, values: readonly unknown[]): ConfidencePart {
  const [first] = values;
  const other = values.find((value) => !same(value, first));
  if (other === undefined) {
    return { what, weight: 1, value: 1, why: `${values.length} sources agree` };
  }
  const why = `it is contradictory: ${textOf(first)} here, ${textOf(other)} there`;
  return { what, weight: 1, value: 0, why, flawed: true };
}

/** Nothing seen is nothing to be sure of. */
export function confidenceOf(parts: readonly ConfidencePart[]): Confidence {
  const counted = parts.slice(0, partsMax);
  if (counted.length === 0) {
    const why = 'the runbook observed nothing';
    return { value: 0, parts: [{ what: 'observations', weight: 1, value: 0, why }] };
  }
  const weights = counted.reduce((total, { weight }) => total + weight, 0);
  const total = counted.reduce((sum, { weight, value }) => sum + weight * value, 0);
  return { value: rounded(total / weights), parts: counted };
}

/** What is flawed of it, in words; none of a confidence from before there was one. */
export function flawsIn(confidence: Confidence | undefined): readonly string[] {
  const flawed = confidence?.parts.filter((part) => part.flawed === true) ?? [];
  return flawed.map(({ what, why }) => `${what}: ${why}`);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

function secondsText(ms: number): string {
  return `${Math.round(ms / 100) / 10}s`;
}

function textOf(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 100);
}
