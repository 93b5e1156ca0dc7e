/**
 * Have the people said yes to exactly this plan? Counts answers and nothing else: waiting for them is the gate stage's.
 * Distinct people count once; one reject or veto outweighs every yes.
 */
import type { Level } from '../domain/level.js';
import { signalRequired } from '../domain/level.js';
import { hold, pass, refuse, type Verdict } from '../domain/verdict.js';

export interface Answer {
  readonly kind: 'trigger' | 'approve' | 'reject' | 'veto';
  readonly by: string;
  readonly note: string;
}

export interface ApprovalFacts {
  readonly level: Level;
  readonly approvalsMin: number;
  /** Who asked for the run; empty when an alert did. Where two must agree, theirs does not count. */
  readonly requester: string;
  /** Answers that named this plan, in the order they came. */
  readonly answers: readonly Answer[];
  /** When the veto window closes; in the past, or equal to now, where there is none. */
  readonly vetoUntilMs: number;
  readonly nowMs: number;
}

export function judgeApproval(facts: ApprovalFacts): Verdict {
  const no = facts.answers.find((answer) => answer.kind === 'reject' || answer.kind === 'veto');
  if (no?.kind === 'reject') return refuse('rejected', saying(no, 'rejected this plan'));
  if (no?.kind === 'veto') return refuse('vetoed', saying(no, 'vetoed this plan'));
  const required = signalRequired(facts.level);
  if (required === undefined) return judgeVetoWindow(facts);
  const peopleMin = required === 'trigger' ? 1 : facts.approvalsMin;
  const people = new Set(facts.answers.filter(({ kind }) => kind === required).map(({ by }) => by));
  if (peopleMin > 1) people.delete(facts.requester);
  if (people.size >= peopleMin) return pass;
  return hold('unanswered', `${people.size} of ${peopleMin} people sent ${required}`, 0);
}

function judgeVetoWindow({ vetoUntilMs, nowMs }: ApprovalFacts): Verdict {
  const leftMs = vetoUntilMs - nowMs;
  return leftMs <= 0 ? pass : hold('unanswered', 'the veto window is open', leftMs);
}

function saying({ by, note }: Answer, what: string): string {
  return note === '' ? `${by} ${what}` : `${by} ${what}: ${note}`;
}
