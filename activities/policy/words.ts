/** Rules and situations in words a person reads; made from the same values that are evaluated and proved. */
import { factNames, kindOf, type FactName, type FactValue } from './fact.js';
import {
  factsIn,
  type Comparison,
  type Condition,
  type Rule,
  type Subject,
  type Term,
} from './rule.js';

/** One sentence: what it permits or forbids, and when. */
export function ruleText({ effect, runbook, service, when }: Rule): string {
  const whom = [
    ...(runbook === null ? [] : [`runbook ${runbook}`]),
    ...(service === null ? [] : [`service ${service}`]),
  ];
  const scope = whom.length === 0 ? 'everything' : whom.join(' on ');
  const always = when.kind === 'always' && when.value;
  return `${effect}s ${scope}${always ? '' : ` when ${conditionText(when)}`}`;
}

/** A clause of a sentence. */
export function conditionText(condition: Condition): string {
  switch (condition.kind) {
    case 'always':
      return condition.value ? 'always' : 'never';
    case 'not':
      return negated(condition.of);
    case 'all':
      return withoutRedundant(condition.of)
        .map((part) => grouped(part, 'any'))
        .join(' and ');
    case 'any':
      return condition.of.map((part) => grouped(part, 'all')).join(' or ');
    case 'has':
      return `${shortName(condition.fact)} is known`;
    case 'holds':
      return kindOf(condition.fact).says;
    case 'among':
      return `${kindOf(condition.fact).says} is ${condition.texts.join(' or ')}`;
    case 'compare':
      return comparisonText(condition.is, condition.left, condition.right);
  }
}

/** That a fact is known goes without saying where something is said of it. */
function withoutRedundant(parts: readonly Condition[]): readonly Condition[] {
  return parts.filter((part) => {
    if (part.kind !== 'has') return true;
    return !parts.some((other) => other.kind !== 'has' && factsIn(other).has(part.fact));
  });
}

function negated(condition: Condition): string {
  if (condition.kind === 'has') return `${shortName(condition.fact)} is not known`;
  if (condition.kind === 'among') {
    return `${kindOf(condition.fact).says} is not ${condition.texts.join(' or ')}`;
  }
  if (condition.kind === 'compare') {
    return comparisonText(opposite[condition.is], condition.left, condition.right);
  }
  return `not: ${grouped(condition, 'all')}`;
}

const opposite: Readonly<Record<Comparison, Comparison>> = {
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
  '==': '!=',
  '!=': '==',
};

function grouped(part: Condition, kind: 'all' | 'any'): string {
  const text = conditionText(part);
  return part.kind === kind ? `(${text})` : text;
}

const comparisonWords: Readonly<Record<Comparison, string>> = {
  '<': 'below',
  '<=': 'at most',
  '>': 'above',
  '>=': 'at least',
  '==': 'exactly',
  '!=': 'not',
};

function comparisonText(is: Comparison, left: Term, right: Term): string {
  const unit = [left, right].map(unitOf).find((text) => text !== '') ?? '';
  const said = (term: Term): string =>
    term.kind === 'number' ? `${term.value}${unit}` : kindOf(term.fact).says;
  return `${said(left)} is ${comparisonWords[is]} ${said(right)}`;
}

function unitOf(term: Term): string {
  if (term.kind === 'number') return '';
  const kind = kindOf(term.fact);
  return kind.kind === 'number' ? kind.unit : '';
}

/** Without the article, where the fact itself is meant. */
function shortName(fact: FactName): string {
  const kind = kindOf(fact);
  return kind.kind === 'truth' ? `whether ${kind.says}` : kind.says;
}

/** One fact with its value: `the confidence is 80 %`. */
export function factText(fact: FactName, value: FactValue): string {
  const kind = kindOf(fact);
  if (kind.kind === 'truth') return value === true ? kind.says : `not: ${kind.says}`;
  return `${kind.says} is ${String(value)}${kind.kind === 'number' ? kind.unit : ''}`;
}

/** The facts that are known, in the order of the schema; only those asked for when they are given. */
export function factsText(
  facts: Readonly<Partial<Record<FactName, FactValue>>>,
  only?: ReadonlySet<FactName>,
): string[] {
  return factNames.flatMap((name) => {
    if (only !== undefined && !only.has(name)) return [];
    const value = facts[name];
    return value === undefined ? [] : [factText(name, value)];
  });
}

/** Who acts on what. */
export function subjectText({ runbook, service }: Subject): string {
  return `runbook ${runbook} on service ${service}`;
}
