/**
 * Every message a run can be sent: its name, what it carries, who sends it, when it counts.
 * Parsing is total: whatever arrives becomes a message or a sentence saying why it is none; nothing here throws.
 */
import type { Json, JsonObject } from './domain/json.js';
import { limits } from './domain/limits.js';

/** What people send. The description is what Temporal's UI and CLI show beside the name. */
export const operatorMessages = {
  trigger: 'Operator: carry this plan out (level 2). {plan, by, note}',
  approve: 'Operator: approve this plan (level 3). {plan, by, note}',
  reject: 'Operator: do not carry this plan out. {plan, by, note}',
  modify:
    "Operator: change a step's input within its bounds; a new plan is proposed. {step, input, by, note}",
  veto: 'Overseer: stop an autonomous run within its veto window. {by, note}',
  halt: 'Anyone: stop this run now and take back what it did. {by, note}',
  undo: 'Operator: take a finished repair back while it is watched. {by, note}',
  takeover: 'Operator: I take over; leave everything as it is. {by, note}',
} as const;

/** What the intake sends: the alert is over, or it fired anew while the repair was being watched. */
export const intakeMessages = {
  resolved: 'Intake: the sender says that the alert resolved.',
  refired: 'Intake: the same alert began a new episode.',
} as const;

export type OperatorMessage = keyof typeof operatorMessages;
export type MessageKind = OperatorMessage | keyof typeof intakeMessages;

export interface Message {
  readonly kind: MessageKind;
  /** The signal's name as sent, and the how-manieth of that name it is in this run, from 0. */
  readonly signal: string;
  readonly ordinal: number;
  readonly atMs: number;
  /** Whom the sender says they are; empty when they did not say. Unverified. */
  readonly by: string;
  readonly note: string;
  /** The plan it is about: hash or its first eight characters; empty when it named none. */
  readonly plan: string;
  /** `modify` only. */
  readonly step: string;
  readonly input: JsonObject;
}

/** A signal that is no message of ours. */
export interface Unintelligible {
  readonly kind: 'unintelligible';
  readonly signal: string;
  readonly ordinal: number;
  readonly atMs: number;
  readonly why: string;
}

export interface Arrival {
  readonly signal: string;
  readonly ordinal: number;
  readonly atMs: number;
  readonly payload: unknown;
}

/** The query that answers with a RunStatus; see runtime.ts. */
export const statusQuery = 'status';

/** True for the name of a message people or the intake send. */
export function isMessageKind(name: string): name is MessageKind {
  return Object.hasOwn(operatorMessages, name) || Object.hasOwn(intakeMessages, name);
}

/** Messages of the intake carry no person's name. */
export function isFromIntake(kind: MessageKind): boolean {
  return Object.hasOwn(intakeMessages, kind);
}

/** The name a gate registers so that a click in Temporal's UI needs no input: it carries gate and plan itself. */
export function boundName(kind: OperatorMessage, gate: string, planHash8: string): string {
  return `${kind}:${gate}:${planHash8}`;
}

/** Accepts `<kind>` with an object (or nothing) and `<kind>:<gate>:<plan>` with anything. */
export function parseMessage(arrival: Arrival): Message | Unintelligible {
  const { signal, ordinal, atMs, payload } = arrival;
  const refusal = (why: string): Unintelligible => {
    return { kind: 'unintelligible', signal: textOf(signal), ordinal, atMs, why };
  };
  const [kind = '', , boundPlan] = signal.split(':');
  if (!isMessageKind(kind)) return refusal('no message of this name is known');
  const fields = fieldsOf(payload);
  if (fields === undefined) return refusal('its input is not a JSON object');
  const input = fieldsOf(fields['input']);
  if (input === undefined) return refusal('the field "input" is not a JSON object');
  return {
    kind,
    signal: textOf(signal),
    ordinal,
    atMs,
    by: textOf(fields['by']),
    note: textOf(fields['note']),
    plan: boundPlan ?? textOf(fields['plan']),
    step: textOf(fields['step']),
    input,
  };
}

function fieldsOf(value: unknown): JsonObject | undefined {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) return undefined;
  return '__undecodable' in value ? undefined : (value as Record<string, Json>);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, limits.textMax) : '';
}
