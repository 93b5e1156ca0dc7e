/**
 * Looks for a situation in which a set of rules permits, or refuses: by trying every value at which one of its comparisons
 * turns, and giving up a branch as soon as it is decided. Exact for the subset; bounded, and then it says that it does not know.
 */
import { factNames, facts, kindOf, mayBeAbsent, type FactName, type FactValue } from './fact.js';
import { concerns } from './evaluate.js';
import type { Comparison, Condition, Rule, Subject, Term } from './rule.js';

/** Of a fact: what it may be. `undefined` is absent. */
type Candidates = ReadonlyMap<FactName, readonly (FactValue | undefined)[]>;
type Given = Map<FactName, FactValue | undefined>;

export interface Wanted {
  readonly permitted: boolean;
  /** Values it must keep to; `undefined` is absent. */
  readonly fixed: Partial<Record<FactName, readonly (FactValue | undefined)[]>>;
}

/** Branches looked at before it gives up; sets of a hundred policies need a few thousand. */
const branchesMax = 200_000;

/** `unsure` when it ran out of branches. */
export function findSituation(rules: readonly Rule[], wanted: Wanted): 'found' | 'none' | 'unsure' {
  const used = factsUsed(rules);
  const candidates: Candidates = new Map(
    used.map((fact) => [fact, wanted.fixed[fact] ?? candidatesOf(fact, rules)]),
  );
  const budget = { left: branchesMax };
  for (const subject of subjectsOf(rules)) {
    const concerned = rules.filter((rule) => concerns(rule, subject));
    const found = search(
      concerned,
      { candidates, budget, wanted: wanted.permitted, at: 0 },
      new Map(),
    );
    if (found) return 'found';
  }
  return budget.left > 0 ? 'none' : 'unsure';
}

interface Search {
  readonly candidates: Candidates;
  readonly budget: { left: number };
  readonly wanted: boolean;
  readonly at: number;
}

function search(rules: readonly Rule[], state: Search, given: Given): boolean {
  const decided = permittedSoFar(rules, given);
  if (decided !== undefined) return decided === state.wanted;
  const [fact, values] = [...state.candidates][state.at] ?? [];
  if (fact === undefined || values === undefined) return false;
  for (const value of values) {
    state.budget.left -= 1;
    if (state.budget.left <= 0) return false;
    given.set(fact, value);
    if (search(rules, { ...state, at: state.at + 1 }, given)) return true;
  }
  given.delete(fact);
  return false;
}

/** Undefined while it depends on facts that are not chosen yet. */
function permittedSoFar(rules: readonly Rule[], given: Given): boolean | undefined {
  const of = (effect: Rule['effect']): (boolean | undefined)[] =>
    rules.filter((rule) => rule.effect === effect).map((rule) => holdsSoFar(rule.when, given));
  const forbids = any(of('forbid'));
  const permits = any(of('permit'));
  if (forbids === true || permits === false) return false;
  return forbids === false && permits === true ? true : undefined;
}

function any(values: readonly (boolean | undefined)[]): boolean | undefined {
  if (values.includes(true)) return true;
  return values.includes(undefined) ? undefined : false;
}

function not(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}

function holdsSoFar(condition: Condition, given: Given): boolean | undefined {
  switch (condition.kind) {
    case 'always':
      return condition.value;
    case 'not':
      return not(holdsSoFar(condition.of, given));
    case 'any':
      return any(condition.of.map((part) => holdsSoFar(part, given)));
    case 'all':
      return not(any(condition.of.map((part) => not(holdsSoFar(part, given)))));
    case 'has':
      return given.has(condition.fact) ? given.get(condition.fact) !== undefined : undefined;
    case 'holds':
      return given.has(condition.fact) ? given.get(condition.fact) === true : undefined;
    case 'among':
      return given.has(condition.fact)
        ? condition.texts.includes(String(given.get(condition.fact)))
        : undefined;
    case 'compare':
      return compareSoFar(condition.is, condition.left, { right: condition.right, given });
  }
}

function compareSoFar(
  is: Comparison,
  left: Term,
  { right, given }: { readonly right: Term; readonly given: Given },
): boolean | undefined {
  const [one, other] = [left, right].map((term) => {
    if (term.kind === 'number') return term.value;
    return given.has(term.fact) ? Number(given.get(term.fact) ?? NaN) : undefined;
  });
  if (one === undefined || other === undefined) return undefined;
  const orders: Record<Comparison, boolean> = {
    '<': one < other,
    '<=': one <= other,
    '>': one > other,
    '>=': one >= other,
    '==': one === other,
    '!=': one !== other,
  };
  return orders[is];
}

/** Those that most rules look at come first: they decide the most. */
function factsUsed(rules: readonly Rule[]): FactName[] {
  const counts = new Map<FactName, number>();
  for (const rule of rules) {
    for (const leaf of leavesOf(rule.when)) {
      for (const fact of leaf.facts) counts.set(fact, (counts.get(fact) ?? 0) + 1);
    }
  }
  return factNames
    .filter((fact) => counts.has(fact))
    .toSorted((one, other) => (counts.get(other) ?? 0) - (counts.get(one) ?? 0));
}

interface Leaf {
  readonly facts: readonly FactName[];
  readonly numbers: readonly number[];
  readonly texts: readonly string[];
}

function leavesOf(condition: Condition): Leaf[] {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.flatMap(leavesOf);
    case 'not':
      return leavesOf(condition.of);
    case 'always':
      return [];
    case 'has':
    case 'holds':
      return [{ facts: [condition.fact], numbers: [], texts: [] }];
    case 'among':
      return [{ facts: [condition.fact], numbers: [], texts: condition.texts }];
    case 'compare': {
      const terms = [condition.left, condition.right];
      const facts = terms.flatMap((term) => (term.kind === 'fact' ? [term.fact] : []));
      const numbers = terms.flatMap((term) => (term.kind === 'number' ? [term.value] : []));
      return [{ facts, numbers, texts: [] }];
    }
  }
}

/** Every value at which a comparison turns, and its neighbours; the absent one last. */
export function candidatesOf(fact: FactName, rules: readonly Rule[]): (FactValue | undefined)[] {
  const leaves = rules.flatMap(({ when }) => leavesOf(when));
  const kind = kindOf(fact);
  const absent = mayBeAbsent(fact) ? [undefined] : [];
  if (kind.kind === 'truth') return [true, false, ...absent];
  if (kind.kind === 'text') return [...(kind.oneOf ?? [...textsOf(fact, rules), 'another'])];
  const turns = leaves.filter((leaf) => leaf.facts.includes(fact)).flatMap(turnsOf);
  const near = turns.flatMap((turn) => [turn - 1, turn, turn + 1]);
  const within = [kind.min, ...near, kind.max].filter((n) => n >= kind.min && n <= kind.max);
  return [...[...new Set(within)].toSorted((one, other) => other - one), ...absent];
}

/** Every text that some rule compares the fact with, each once. */
export function textsOf(fact: FactName, rules: readonly Rule[]): string[] {
  const leaves = rules.flatMap(({ when }) => leavesOf(when));
  const about = leaves.filter((leaf) => leaf.facts.includes(fact));
  return [...new Set(about.flatMap((leaf) => leaf.texts))];
}

/** Against a number, that number; against another fact, every level there is, which is what facts are compared with. */
function turnsOf(leaf: Leaf): readonly number[] {
  return leaf.facts.length > 1 ? [1, 2, 3, 4, 5] : leaf.numbers;
}

/** Each runbook and service that is named, and one of each that is not. */
export function subjectsOf(rules: readonly Rule[]): Subject[] {
  const runbooks = [...new Set(rules.map(({ runbook }) => runbook ?? 'another'))];
  const services = [...new Set(rules.map(({ service }) => service ?? 'another'))];
  return runbooks.flatMap((runbook) => services.map((service) => ({ runbook, service })));
}

/** What is wrong with a set as a whole: it permits nothing beyond advice, or everything alone; null when neither. */
export function extremeOf(rules: readonly Rule[]): 'nothing' | 'everything' | null {
  if (findSituation(rules, { permitted: true, fixed: { level: [2] } }) !== 'found')
    return 'nothing';
  const absent = Object.fromEntries(
    factNames.filter(mayBeAbsent).map((fact) => [fact, [undefined]]),
  );
  const alone = { permitted: false, fixed: { ...absent, level: [facts.level.max], ceiling: [5] } };
  return findSituation(rules, alone) === 'found' ? null : 'everything';
}
