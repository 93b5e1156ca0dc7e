/** One thing that must not happen and did, with what it is about. */

export const violationKinds = [
  'lost',
  'double',
  'no-intent',
  'outside-its-lease',
  'two-at-one-target',
  'acted-while-stopped',
  'changed-though-withheld',
  'outcomes',
  'not-ended',
  'workflow',
] as const;
export type ViolationKind = (typeof violationKinds)[number];

export interface Violation {
  readonly kind: ViolationKind;
  readonly says: string;
  /** Whose ledger lines tell the story; empty when there is no run. */
  readonly runs: readonly string[];
}
