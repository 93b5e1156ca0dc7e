/**
 * One policy as everything here reads it: evaluated, proved and told from the same value. Data only.
 * It is a subset of Cedar without arithmetic, so that nothing overflows and every answer can be proved.
 */
import type { FactName } from './fact.js';

export type Comparison = '<' | '<=' | '>' | '>=' | '==' | '!=';

/** A whole number, or a fact that is one. */
export type Term =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'fact'; readonly fact: FactName };

export type Condition =
  | { readonly kind: 'always'; readonly value: boolean }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'all' | 'any'; readonly of: readonly Condition[] }
  /** The fact is known. */
  | { readonly kind: 'has'; readonly fact: FactName }
  /** A fact that is true or false, and is true. */
  | { readonly kind: 'holds'; readonly fact: FactName }
  | {
      readonly kind: 'compare';
      readonly is: Comparison;
      readonly left: Term;
      readonly right: Term;
    }
  /** A text is one of these. */
  | { readonly kind: 'among'; readonly fact: FactName; readonly texts: readonly string[] };

/** Where it stands, for whoever mends it. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Rule {
  /** Unique in its set: it stands in decisions for ever. */
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  /** Only for this runbook; null for every one. */
  readonly runbook: string | null;
  /** Only for this service; null for every one. */
  readonly service: string | null;
  readonly when: Condition;
  /** Its annotations but for the id: owner, review, protects. */
  readonly notes: Readonly<Record<string, string>>;
  readonly place: Place;
}

/** Who wants to act on what. */
export interface Subject {
  readonly runbook: string;
  readonly service: string;
}

/** Every fact the condition looks at. */
export function factsIn(condition: Condition): Set<FactName> {
  switch (condition.kind) {
    case 'always':
      return new Set();
    case 'not':
      return factsIn(condition.of);
    case 'all':
    case 'any':
      return new Set(condition.of.flatMap((part) => [...factsIn(part)]));
    case 'has':
    case 'holds':
    case 'among':
      return new Set([condition.fact]);
    case 'compare':
      return new Set([condition.left, condition.right].flatMap(factOf));
  }
}

function factOf(term: Term): FactName[] {
  return term.kind === 'fact' ? [term.fact] : [];
}
