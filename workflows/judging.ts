/** How a run asks the gates: until they pass, one refuses, or one has held for too long. Acts on nothing itself. */
import { heed, listen } from './attention.js';
import { Failure, messageOf } from './domain/failure.js';
import { levelName } from './domain/level.js';
import { limits } from './domain/limits.js';
import type { Proposal } from './domain/plan.js';
import { reasons } from './domain/reason.js';
import type { Verdict } from './domain/verdict.js';
import { notPassed } from './gates/index.js';
import type { Draft } from './ledger.js';
import { ended, type Ending, type Progress } from './progress.js';
import {
  admit,
  consider,
  type JudgedGate,
  type Judgement,
  type JudgeInput,
  type Pages,
  type Terms,
} from './store.js';

/** What is asked: whether there is a point, or to be let in and take the leases. */
export interface Asking {
  readonly call: typeof consider | typeof admit;
  readonly proposal: Proposal;
  /** Written with the yes, in its transaction. */
  readonly onceIn?: Draft | undefined;
  /** What people, or policy in their stead, agreed to. */
  readonly agreed?: Terms | null;
  /** How old the alert may be, in ms, and whether it is over; of the run when left out. */
  readonly maxAgeMs?: number;
  readonly resolved?: boolean;
}

export interface Passed {
  readonly kind: 'passed';
  readonly terms: Terms;
  /** A gate held first: what was seen before may be over. What was to be written with the yes was then left out. */
  readonly waited: boolean;
}

/** A gate's no; `gate` names it, null when no gate could be asked. */
export interface Refusal extends Ending {
  readonly gate: string | null;
}

/** Waits for as long as a gate holds, ten minutes at most; a person may end the waiting. */
export async function askGates(progress: Progress, asking: Asking): Promise<Passed | Refusal> {
  const untilMs = progress.runtime.now() + limits.holdMsMax;
  const later = { ...asking, onceIn: undefined };
  let saidLast = '';
  for (let attempt = 1; ; attempt += 1) {
    const judgement = await askOnce(progress, attempt === 1 ? asking : later);
    if (judgement.kind === 'ended') return judgement;
    const blocked = notPassed(judgement.gates);
    if (blocked === undefined) return passed(judgement, attempt > 1);
    if (asking.call === consider) saidLast = noteOnce(progress, blocked, saidLast);
    const refused = await heldOrRefused(progress, blocked.verdict, untilMs);
    if (refused !== undefined) return { ...refused, gate: blocked.gate };
  }
}

function passed({ terms }: Judgement, waited: boolean): Passed | Refusal {
  if (terms !== null) return { kind: 'passed', terms, waited };
  return { ...ended('policy-forbids', 'policy gave no level'), gate: 'policy' };
}

/** Hands the waiting lines to the call, and takes them back when it could not be made. */
export async function askOnce(
  progress: Progress,
  asking: Asking,
): Promise<(Judgement & { readonly kind: 'judged' }) | Refusal> {
  const { ledger, runtime } = progress;
  const { call } = asking;
  const pages = ledger.take();
  try {
    const says = call === admit ? 'ask the gates and take the leases' : 'ask the gates';
    const judgement = await runtime.ask(call, questionOf(progress, asking, pages), says);
    if (!isJudgement(judgement)) throw new Failure('failed', 'the answer is no judgement');
    return { kind: 'judged', ...judgement };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    ledger.putBack(pages);
    const why = `the gates could not be asked: ${messageOf(thrown)}`;
    return { ...ended('unreadable', why), gate: null };
  }
}

/** The store is asked over a border that knows only JSON: what is no judgement must be a no, not a loop or an error. */
function isJudgement(answer: unknown): answer is Judgement {
  const { gates, terms } = (answer ?? {}) as Partial<Judgement>;
  if (!Array.isArray(gates) || gates.length === 0) return false;
  if (!gates.every((judged: Partial<JudgedGate> | null) => isVerdict(judged?.verdict)))
    return false;
  return terms === null || isLevel(terms?.level);
}

function isVerdict(verdict: Verdict | undefined): boolean {
  switch (verdict?.kind) {
    case 'pass':
      return true;
    case 'refuse':
      return Object.hasOwn(reasons, verdict.reason);
    case 'hold':
      return Object.hasOwn(reasons, verdict.reason) && verdict.retryAfterMs > 0;
    default:
      return false;
  }
}

function isLevel(level: unknown): boolean {
  return typeof level === 'number' && Object.hasOwn(levelName, level);
}

function questionOf(progress: Progress, asking: Asking, pages: Pages): JudgeInput {
  const { ledger, runtime, runbook } = progress;
  const { proposal, onceIn, agreed } = asking;
  return {
    ...ledger.ref,
    ...pages,
    proposal,
    maxAgeMs: asking.maxAgeMs ?? runbook.meta.maxAgeMs,
    resolved: asking.resolved ?? progress.resolved,
    nowMs: runtime.now(),
    ...(onceIn === undefined ? {} : { onceIn: ledger.dated(onceIn) }),
    ...(agreed ? { agreed } : {}),
  };
}

/** A gate that holds says the same every few seconds: it is written down once. Admission writes its own line. */
function noteOnce(
  progress: Progress,
  { gate: name, verdict }: JudgedGate,
  saidLast: string,
): string {
  if (verdict.kind === 'pass') return saidLast;
  const says = `${name}: ${verdict.kind}, ${verdict.why}`;
  if (says !== saidLast) {
    const detail = { gate: name, verdict: verdict.kind };
    progress.ledger.note({ kind: 'decision', says, reason: verdict.reason, detail });
  }
  return says;
}

/** Undefined when it is worth asking again. */
async function heldOrRefused(
  progress: Progress,
  verdict: Verdict,
  untilMs: number,
): Promise<Ending | undefined> {
  if (verdict.kind === 'pass') return undefined;
  const nowMs = progress.runtime.now();
  if (verdict.kind === 'refuse' || nowMs >= untilMs) return ended(verdict.reason, verdict.why);
  return interrupted(progress, verdict.why, Math.min(untilMs, nowMs + verdict.retryAfterMs));
}

async function interrupted(
  progress: Progress,
  why: string,
  untilMs: number,
): Promise<Ending | undefined> {
  const message = await listen(progress, {
    accept: ['halt', 'takeover', 'reject'],
    untilMs,
    says: why,
  });
  if (message === undefined) return undefined;
  heed(progress, message);
  const said = `${message.by} sent ${message.kind} while the run waited: ${why}`;
  if (message.kind === 'halt') return ended('halted', said);
  return ended(message.kind === 'takeover' ? 'taken-over' : 'rejected', said);
}
