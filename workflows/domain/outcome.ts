/** How a run can end, in words for people; the list is closed and histories hold it for ever. */
import type { Reason } from './reason.js';

/**
 * - `resolved`: the steps were done and the service was seen to be well.
 * - `advised`: nothing was changed; the proposal and the manual procedure were posted.
 * - `withheld`: a gate refused or nobody answered; nothing was changed.
 * - `undone`: steps were done and all of them taken back; the world is as before.
 * - `unresolved`: what was done stands (it cannot be undone, or a person took over) and the service is not well.
 * - `stuck`: a step could not be taken back; people are paged, the target is quarantined.
 */
export const outcomes = [
  'resolved',
  'advised',
  'withheld',
  'undone',
  'unresolved',
  'stuck',
] as const;
export type OutcomeKind = (typeof outcomes)[number];

export interface Outcome {
  readonly kind: OutcomeKind;
  /** Null only for `resolved`. */
  readonly reason: Reason | null;
  readonly why: string;
}
