/**
 * From Cedar's own JSON of one policy to a rule. What the subset does not have is refused with what to write instead:
 * nothing is skipped, since a condition that is not read would not restrict.
 */
import type { Expr, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { factNamed, kindOf, type FactName } from './fact.js';
import type { Comparison, Condition, Rule, Term } from './rule.js';

/** Something of Cedar that policies here do not use; the message says what to write instead. */
export class OutsideSubset extends Error {
  override readonly name = 'OutsideSubset';
}

/** The rule but for its place and id. Throws OutsideSubset. */
export function readPolicy(json: PolicyJson): Omit<Rule, 'id' | 'place' | 'notes'> {
  const { effect, principal, action, resource, conditions } = json;
  if (!isAct(action)) {
    throw new OutsideSubset('the only action is Action::"act"; ask for the level: context.level');
  }
  const parts = conditions.map(({ kind, body }): Condition => {
    const read = readCondition(body);
    return kind === 'when' ? read : { kind: 'not', of: read };
  });
  return {
    effect,
    runbook: entityOf(principal, 'Runbook'),
    service: entityOf(resource, 'Service'),
    when: joined('all', parts),
  };
}

function isAct(action: PolicyJson['action']): boolean {
  return action.op === 'All' || (action.op === '==' && idOf(action, 'Action') === 'act');
}

/** Null for anybody. */
function entityOf(scope: PolicyJson['principal'], type: 'Runbook' | 'Service'): string | null {
  if (scope.op === 'All') return null;
  if (scope.op === 'is' && scope.entity_type === type && scope.in === undefined) return null;
  const id = scope.op === '==' ? idOf(scope, type) : undefined;
  if (id !== undefined) return id;
  const variable = type === 'Runbook' ? 'principal' : 'resource';
  throw new OutsideSubset(`write ${variable}, or ${variable} == ${type}::"<name>"`);
}

function idOf(scope: object, type: string): string | undefined {
  if (!('entity' in scope)) return undefined;
  const entity = scope.entity as { type?: string; id?: string };
  return entity.type === type ? entity.id : undefined;
}

/** Throws OutsideSubset. Deep nesting was refused by Cedar's own parser. */
export function readCondition(expr: Expr): Condition {
  const [operator, operand]: readonly [string, unknown] = Object.entries(expr)[0] ?? ['', null];
  switch (operator) {
    case '&&':
    case '||': {
      const { left, right } = operand as Pair;
      return joined(operator === '&&' ? 'all' : 'any', [readCondition(left), readCondition(right)]);
    }
    case '!':
      return { kind: 'not', of: readCondition((operand as { arg: Expr }).arg) };
    case 'Value':
      if (typeof operand === 'boolean') return { kind: 'always', value: operand };
      throw new OutsideSubset(`${JSON.stringify(operand)} is no condition`);
    case '.':
      return { kind: 'holds', fact: factIn(expr, 'truth') };
    case 'has':
      return readHas(operand as { left: Expr; attr: string | readonly string[] });
    case 'contains':
      return readAmong(operand as Pair);
    default:
      if (isComparison(operator)) return readComparison(operator, operand as Pair);
      throw new OutsideSubset(
        `${operator} is not used here; there are: && || ! has == != < <= > >= and ["a", "b"].contains(...)`,
      );
  }
}

interface Pair {
  readonly left: Expr;
  readonly right: Expr;
}

function isComparison(text: string): text is Comparison {
  return ['<', '<=', '>', '>=', '==', '!='].includes(text);
}

function readHas({ left, attr }: { left: Expr; attr: string | readonly string[] }): Condition {
  const name = typeof attr === 'string' ? attr : attr.join('.');
  return { kind: 'has', fact: factIn({ '.': { left, attr: name } }) };
}

function readAmong({ left, right }: Pair): Condition {
  const texts = 'Set' in left ? (left.Set as Expr[]).map(textOf) : [undefined];
  if (texts.some((text) => text === undefined)) {
    throw new OutsideSubset('write ["a", "b"].contains(context.<fact>) with texts');
  }
  return { kind: 'among', fact: factIn(right, 'text'), texts: texts.flatMap((text) => text ?? []) };
}

function readComparison(is: Comparison, { left, right }: Pair): Condition {
  const text = textOf(right) ?? textOf(left);
  if (text === undefined) return { kind: 'compare', is, left: termOf(left), right: termOf(right) };
  const among: Condition = {
    kind: 'among',
    fact: factIn(textOf(right) === undefined ? right : left, 'text'),
    texts: [text],
  };
  if (is === '==') return among;
  if (is === '!=') return { kind: 'not', of: among };
  throw new OutsideSubset('texts are compared with == and != only');
}

function termOf(expr: Expr): Term {
  const value: unknown = 'Value' in expr ? expr.Value : undefined;
  if (value === undefined) return { kind: 'fact', fact: factIn(expr, 'number') };
  if (Number.isSafeInteger(value)) return { kind: 'number', value: Number(value) };
  throw new OutsideSubset(
    'numbers are compared with numbers; a truth stands by itself, or after !',
  );
}

function textOf(expr: Expr): string | undefined {
  const value: unknown = 'Value' in expr ? expr.Value : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** `context.<fact>`. */
function factIn(expr: Expr, kind?: 'truth' | 'text' | 'number'): FactName {
  const access = '.' in expr ? (expr['.'] as { left: Expr; attr: string }) : undefined;
  const isContext = access !== undefined && 'Var' in access.left && access.left.Var === 'context';
  const fact = isContext ? factNamed(access.attr) : undefined;
  if (fact === undefined) throw new OutsideSubset('a condition is about context.<fact>');
  if (kind === undefined || kindOf(fact).kind === kind) return fact;
  throw new OutsideSubset(`context.${fact} is a ${kindOf(fact).kind}, and here stands a ${kind}`);
}

/** Flat, so that it is told and proved as it is written. */
function joined(kind: 'all' | 'any', parts: readonly Condition[]): Condition {
  const flat = parts.flatMap((part) => (part.kind === kind ? part.of : [part]));
  const [only] = flat;
  if (flat.length === 0) return { kind: 'always', value: kind === 'all' };
  return flat.length === 1 && only !== undefined ? only : { kind, of: flat };
}
