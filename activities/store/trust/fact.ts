/** The closed list of facts that a trust record is made of, one sentence each; what a line of the ledger shows is told elsewhere. */
import type { Reason } from '../../../workflows/domain/reason.js';

/** Each is counted once for a run and a class of action, with the first ledger line that showed it. */
export const facts = {
  proposed: 'A run proposed a step of this class.',
  agreed: 'A person approved or triggered it, or noted that they did the same.',
  disagreed:
    'A person rejected, modified, vetoed, halted, took back or took over, or did otherwise.',
  acted: 'A step of this class was begun.',
  resolved: 'The service was seen to be well afterwards.',
  held: 'It was resolved and did not come back while it was watched: a verified outcome.',
  withdrawn:
    'It was taken back or left because a guard of Belay, or the end of the alert, said so.',
  undone: 'It was taken back.',
  unresolved: 'What was done stands and the service is not well.',
  failed: 'A step failed, or it could not be told whether it took effect.',
  'not-confirmed': 'Every step was done and the service was still not well.',
  reversed: 'A person halted it, took it back or took it over after something was done.',
  recurred: 'It was resolved and the alert came back while it was watched.',
  stuck: 'A step could not be taken back.',
} as const satisfies Record<string, string>;

export type FactKind = keyof typeof facts;
export const factKinds = Object.keys(facts) as readonly FactKind[];

/** Any of them lowers the ceiling at once. */
export const badFacts: readonly FactKind[] = [
  'undone',
  'unresolved',
  'failed',
  'not-confirmed',
  'reversed',
  'recurred',
  'stuck',
];

/** A run that looked repaired, or was meant to be, and was not. */
export const hiddenFailures: readonly FactKind[] = ['recurred', 'not-confirmed', 'stuck'];

/**
 * Reasons for which a run is taken back although nothing was wrong with what it did. Closed: any other reason, also one that is
 * new, counts against the class.
 */
export const reasonsOfGuards: readonly Reason[] = [
  'stopped',
  'stale',
  'resolved-meanwhile',
  'quarantined',
  'frozen',
  'recurring',
  'storm',
  'dependency-sick',
  'target-busy',
  'blast-radius',
  'risk-spent',
  'error-budget-spent',
  'rate-limited',
  'breaker-open',
  'policy-forbids',
  'not-approved',
  'telemetry-stale',
  'unanswered',
  'unreadable',
];

/** Reasons that are a person's word. */
export const reasonsOfPeople: readonly Reason[] = ['halted', 'taken-over', 'undo-requested'];

export function isBad(fact: FactKind): boolean {
  return badFacts.includes(fact);
}
