/** Our own reading of a set of rules: the same answers as Cedar gives, and checked against it. Pure, and never generous. */
import type { Level } from '../../workflows/domain/level.js';
import type { FactName, Facts, FactValue, Situation } from './fact.js';
import type { Comparison, Condition, Rule, Subject, Term } from './rule.js';

/** Who decided one question at one level. */
export interface Decision {
  readonly permitted: boolean;
  /** Ids: the permits that hold where it is permitted, else the forbids; sorted. */
  readonly by: readonly string[];
  /** Set when a rule could not be read: then nothing is permitted. */
  readonly error: string | null;
}

/** A rule looked at a fact that is absent, without asking whether it is there. */
class AbsentFact extends Error {
  constructor(readonly fact: FactName) {
    super(`it needs ${fact}, which is not known`);
  }
}

/** As Cedar: permitted when a permit holds and no forbid does; a rule that cannot be read refuses everything. */
export function decide(rules: readonly Rule[], subject: Subject, situation: Situation): Decision {
  const holding: Rule[] = [];
  for (const rule of rules) {
    if (!concerns(rule, subject)) continue;
    try {
      if (holds(rule.when, situation)) holding.push(rule);
    } catch (error) {
      if (!(error instanceof AbsentFact)) throw error;
      return { permitted: false, by: [], error: `policy ${rule.id}: ${error.message}` };
    }
  }
  const forbids = holding.filter(({ effect }) => effect === 'forbid');
  const deciding = forbids.length > 0 ? forbids : holding;
  const by = deciding.map(({ id }) => id).toSorted();
  return { permitted: forbids.length === 0 && holding.length > 0, by, error: null };
}

/** Whether the rule speaks of this runbook and service at all. */
export function concerns(rule: Rule, { runbook, service }: Subject): boolean {
  return (
    (rule.runbook === null || rule.runbook === runbook) &&
    (rule.service === null || rule.service === service)
  );
}

/** What was decided over the levels: the highest that is permitted, and why not the one above it. */
export interface LevelDecision {
  /** Null when none is. */
  readonly level: Level | null;
  readonly by: readonly string[];
  /** The forbids that hold one level higher; empty where simply nothing permits it. */
  readonly heldBy: readonly string[];
  readonly error: string | null;
}

const fromTheTop: readonly Level[] = [5, 4, 3, 2, 1];

/** Asked from the top down; the first yes is the answer. An error anywhere on the way is no answer at all. */
export function highest(decideAt: (level: Level) => Decision): LevelDecision {
  let above: readonly string[] = [];
  for (const level of fromTheTop) {
    const { permitted, by, error } = decideAt(level);
    if (error !== null) return { level: null, by: [], heldBy: [], error };
    if (permitted) return { level, by, heldBy: above, error: null };
    above = by;
  }
  return { level: null, by: [], heldBy: above, error: null };
}

/** The highest level these rules permit. */
export function highestLevel(
  rules: readonly Rule[],
  subject: Subject,
  facts: Facts,
): LevelDecision {
  return highest((level) => decide(rules, subject, { ...facts, level }));
}

/** Short-circuits from left to right, as Cedar does: `context has x && context.x > 1` never looks at what is absent. */
export function holds(condition: Condition, situation: Situation): boolean {
  switch (condition.kind) {
    case 'always':
      return condition.value;
    case 'not':
      return !holds(condition.of, situation);
    case 'all':
      return condition.of.every((part) => holds(part, situation));
    case 'any':
      return condition.of.some((part) => holds(part, situation));
    case 'has':
      return situation[condition.fact] !== undefined;
    case 'holds':
      return valueOf(condition.fact, situation) === true;
    case 'among':
      return condition.texts.includes(String(valueOf(condition.fact, situation)));
    case 'compare':
      return compare(condition.is, [
        termOf(condition.left, situation),
        termOf(condition.right, situation),
      ]);
  }
}

function valueOf(fact: FactName, situation: Situation): FactValue {
  const value = situation[fact];
  if (value === undefined) throw new AbsentFact(fact);
  return value;
}

function termOf(term: Term, situation: Situation): number {
  return term.kind === 'number' ? term.value : Number(valueOf(term.fact, situation));
}

function compare(is: Comparison, [left, right]: readonly [number, number]): boolean {
  switch (is) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
    case '==':
      return left === right;
    case '!=':
      return left !== right;
  }
}
