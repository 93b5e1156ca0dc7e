/** The level table of a services.yaml without Cedar files, as the policies it stands for. Reads and decides nothing. */
import type { Expr, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { ruleOf, type Compiled } from './cedar.js';
import type { PolicyTable } from './table.js';

/** One permit for each cell, and the forbid that keeps to the ceilings; `name` is what messages call the file. */
export function tablePolicies(table: PolicyTable, name: string): Compiled[] {
  const cells = Object.entries(table.levels ?? {}).flatMap(([actionClass, byTier]) =>
    Object.entries(byTier).map(([tier, level], index) => {
      const when = [
        compare('<=', fact('level'), { Value: level }),
        compare('==', fact('actionClass'), { Value: actionClass }),
        compare('==', fact('tier'), { Value: tier }),
      ];
      return permit(`${idText(actionClass, index)}.${tier}`, when);
    }),
  );
  const place = { file: name, line: 1, column: 1 };
  return [...cells, ceiling].map((json) => ({ rule: ruleOf(json, place), source: json }));
}

function permit(id: string, conditions: readonly Expr[]): PolicyJson {
  return policy('permit', id, conditions);
}

/** Classes are any text; ids are not. */
function idText(actionClass: string, index: number): string {
  const plain = actionClass.replace(/[^\w.-]/g, '_').slice(0, 60);
  return plain === actionClass ? `table.${plain}` : `table.${plain}.${index}`;
}

function policy(effect: 'permit' | 'forbid', id: string, conditions: readonly Expr[]): PolicyJson {
  return {
    effect,
    principal: { op: 'All' },
    action: { op: 'All' },
    resource: { op: 'All' },
    conditions: conditions.map((body) => ({ kind: 'when', body })),
    annotations: { id },
  };
}

function fact(name: string): Expr {
  return { '.': { left: { Var: 'context' }, attr: name } };
}

function compare(is: '<=' | '==' | '>', left: Expr, right: Expr): Expr {
  const pair = { left, right };
  if (is === '<=') return { '<=': pair };
  return is === '==' ? { '==': pair } : { '>': pair };
}

const ceiling = policy('forbid', 'table.ceiling', [compare('>', fact('level'), fact('ceiling'))]);
