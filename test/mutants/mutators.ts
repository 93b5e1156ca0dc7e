/** Every way to change a piece of workflow code so that a run may ask for something else. Knows syntax, not meaning. */
import ts from 'typescript';
import { isGuard, withoutGuards, type Change, type MutantKind } from './mutant.js';

type Mutator = (node: ts.Node) => Change[];

/** Everything that can be done to this node itself; nodes within it have changes of their own. */
export function changesOf(node: ts.Node): Change[] {
  return mutators.flatMap((mutator) => mutator(node));
}

const removesOrRepeats: Mutator = (node) => {
  if (!ts.isExpressionStatement(node) || isGuard(node) || !calls(node)) return [];
  const said = short(node);
  const changes = [change(node, 'remove', ';', `${said} is removed`)];
  if (awaits(node)) changes.push(change(node, 'repeat', twice(node), `${said} happens twice`));
  return changes;
};

/** What jumps: a loop then goes on, or a function does. */
const removesJump: Mutator = (node) => {
  const jumps = ts.isContinueStatement(node) || ts.isBreakStatement(node);
  return jumps ? [change(node, 'loop', ';', `${short(node)} is removed`)] : [];
};

const reorders: Mutator = (node) => {
  if (!ts.isBlock(node) && !ts.isCaseClause(node)) return [];
  const { statements } = node;
  return statements.flatMap((first, place) => {
    const second = statements[place + 1];
    if (second === undefined || !movable(first) || !movable(second)) return [];
    if (!awaits(first) && !awaits(second)) return [];
    const between = textBetween(first, second);
    const text = second.getText() + between + first.getText();
    const words = `${short(second)} comes before ${short(first)}`;
    return [{ kind: 'reorder', start: first.getStart(), end: second.end, text, words }];
  });
};

const reordersBranches: Mutator = (node) => {
  if (!ts.isArrayLiteralExpression(node) || !ts.isCallExpression(node.parent)) return [];
  const [first, second] = node.elements;
  if (first === undefined || second === undefined || !calls(first)) return [];
  const text = second.getText() + textBetween(first, second) + first.getText();
  const words = `${short(second)} comes before ${short(first)}`;
  return [{ kind: 'reorder', start: first.getStart(), end: second.end, text, words }];
};

/** A wait of a millisecond where there was none: at the beginning, and at the end. */
const adds: Mutator = (node) => {
  if (!ts.isBlock(node) || !ts.isFunctionLike(node.parent) || !isAsync(node.parent)) return [];
  const runtime = runtimeWithin(node.parent);
  if (runtime === undefined) return [];
  const at = node.getStart() + 1;
  const wait = ` await ${runtime}.sleep(1, 'added');`;
  const changes = [insertion(at, wait, `${nameOf(node.parent)} first waits for a millisecond`)];
  const last = node.statements.at(-1);
  if (last !== undefined && node.statements.length > 1) {
    const before = last.getStart();
    const words = `${nameOf(node.parent)} waits for a millisecond before ${short(last)}`;
    changes.push(insertion(before, `${wait} `, words));
  }
  return changes;
};

/** Pairs of what the compiler takes one for the other. */
const alike: readonly (readonly [string, string])[] = [
  ['admit', 'consider'],
  ['consider', 'admit'],
  ['look', 'rehearse'],
  ['rehearse', 'look'],
  ['apply', 'undo'],
  ['undo', 'apply'],
  ['apply', 'look'],
  ['undo', 'look'],
  ['sleep', 'next'],
  ['next', 'sleep'],
  ['ask', 'act'],
  ['proxyLocalActivities', 'proxyActivities'],
  ['proxyActivities', 'proxyLocalActivities'],
  ['allSettled', 'all'],
];

const retypes: Mutator = (node) => {
  if (!ts.isIdentifier(node) || !isUse(node)) return [];
  return alike
    .filter(([from]) => from === node.text)
    .map(([from, to]) => change(node, 'retype', to, `${from} becomes ${to}`));
};

/** The name of a call is what its histories hold. */
const retypesName: Mutator = (node) => {
  if (!ts.isStringLiteral(node) || !ts.isPropertyAssignment(node.parent)) return [];
  if (node.parent.name.getText() !== 'name' || !node.text.includes('.')) return [];
  const renamed = `${node.text}-again`;
  return [change(node, 'retype', `'${renamed}'`, `${node.text} is called ${renamed}`)];
};

const opposites: ReadonlyMap<ts.SyntaxKind, readonly string[]> = new Map([
  [ts.SyntaxKind.EqualsEqualsEqualsToken, ['!==']],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, ['===']],
  [ts.SyntaxKind.LessThanToken, ['<=', '>=']],
  [ts.SyntaxKind.LessThanEqualsToken, ['<', '>']],
  [ts.SyntaxKind.GreaterThanToken, ['>=', '<=']],
  [ts.SyntaxKind.GreaterThanEqualsToken, ['>', '<']],
  [ts.SyntaxKind.AmpersandAmpersandToken, ['||']],
  [ts.SyntaxKind.BarBarToken, ['&&']],
]);

const turnsOperator: Mutator = (node) => {
  if (!ts.isBinaryExpression(node)) return [];
  const { operatorToken } = node;
  const kind: MutantKind = isLoopBound(node) ? 'loop' : 'condition';
  return (opposites.get(operatorToken.kind) ?? []).map((operator) => {
    const words = `${short(node)} has ${operator} for ${operatorToken.getText()}`;
    return change(operatorToken, kind, operator, words);
  });
};

const turnsCondition: Mutator = (node) => {
  if (!ts.isIfStatement(node)) return [];
  const condition = node.expression;
  const said = short(condition);
  const text = condition.getText();
  const changes = [
    change(condition, 'condition', `!(${text})`, `if (${said}) asks for the opposite`),
    change(condition, 'condition', `(${text}) || true`, `if (${said}) always holds`),
    change(condition, 'condition', `(${text}) && false`, `if (${said}) never holds`),
  ];
  return changes;
};

const swapsBranches: Mutator = (node) => {
  if (ts.isConditionalExpression(node)) {
    const { condition, whenTrue, whenFalse } = node;
    const text = `${condition.getText()} ? ${whenFalse.getText()} : ${whenTrue.getText()}`;
    return [change(node, 'branches', text, `the branches of ${short(node)} are swapped`)];
  }
  if (!ts.isIfStatement(node) || node.elseStatement === undefined) return [];
  const { expression, thenStatement, elseStatement } = node;
  const text = `if (${expression.getText()}) { ${elseStatement.getText()} } else { ${thenStatement.getText()} }`;
  return [change(node, 'branches', text, `the branches of ${short(node)} are swapped`)];
};

const dropsAwait: Mutator = (node) => {
  if (!ts.isAwaitExpression(node)) return [];
  const { expression } = node;
  const voided = ts.isExpressionStatement(node.parent) ? 'void ' : '';
  return [change(node, 'await', voided + expression.getText(), `${short(node)} is not awaited`)];
};

const turnsLoop: Mutator = (node) => {
  if (ts.isForOfStatement(node)) {
    const { expression } = node;
    const text = expression.getText();
    return [
      change(expression, 'loop', `[...${text}].slice(1)`, `of ${text} the first is left out`),
      change(expression, 'loop', `[...${text}].slice(0, -1)`, `of ${text} the last is left out`),
      change(expression, 'loop', `[...${text}].reverse()`, `${text} comes backwards`),
    ];
  }
  if (!ts.isForStatement(node)) return [];
  const counter = node.initializer;
  if (counter === undefined || !ts.isVariableDeclarationList(counter)) return [];
  const first = counter.declarations[0]?.initializer;
  if (first === undefined || !ts.isNumericLiteral(first)) return [];
  const later = String(Number(first.text) + 1);
  return [change(first, 'loop', later, `the loop begins at ${later}`)];
};

const mutators: readonly Mutator[] = [
  removesOrRepeats,
  removesJump,
  reorders,
  reordersBranches,
  adds,
  retypes,
  retypesName,
  turnsOperator,
  turnsCondition,
  swapsBranches,
  dropsAwait,
  turnsLoop,
];

function change(node: ts.Node, kind: MutantKind, text: string, words: string): Change {
  return { kind, words, text, start: node.getStart(), end: node.end };
}

function insertion(at: number, text: string, words: string): Change {
  return { kind: 'add', words, text, start: at, end: at };
}

function twice(node: ts.Node): string {
  return `{ ${node.getText()} ${node.getText()} }`;
}

function textBetween(first: ts.Node, second: ts.Node): string {
  return first.getSourceFile().text.slice(first.end, second.getStart());
}

function short(node: ts.Node): string {
  const text = withoutGuards(node.getText()).replace(/\s+/g, ' ');
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function calls(node: ts.Node): boolean {
  return some(node, (inner) => ts.isCallExpression(inner));
}

function awaits(node: ts.Node): boolean {
  return some(node, (inner) => ts.isAwaitExpression(inner));
}

/** Not within functions that are only defined here. */
function some(node: ts.Node, is: (node: ts.Node) => boolean): boolean {
  if (is(node)) return true;
  return ts.forEachChild(node, (child) => !ts.isFunctionLike(child) && some(child, is)) ?? false;
}

function movable(node: ts.Statement): boolean {
  if (isGuard(node) || ts.isReturnStatement(node)) return false;
  return calls(node) && !ts.isFunctionDeclaration(node);
}

function isAsync(node: ts.SignatureDeclaration): boolean {
  return ts.canHaveModifiers(node)
    ? (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword)
    : false;
}

/** By which name the function reaches its Runtime; undefined when it does not. */
function runtimeWithin(node: ts.SignatureDeclaration): string | undefined {
  for (const parameter of node.parameters) {
    if (!ts.isIdentifier(parameter.name)) continue;
    const type = parameter.type?.getText();
    if (type === 'Progress') return `${parameter.name.text}.runtime`;
    if (type === 'Runtime') return parameter.name.text;
  }
  if (ts.isMethodDeclaration(node) && /\bthis\.progress\b/.test(node.parent.getText())) {
    return 'this.progress.runtime';
  }
  return undefined;
}

function nameOf(node: ts.SignatureDeclaration): string {
  return node.name?.getText() ?? 'the function';
}

/** Not where something is declared or imported. */
function isUse(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isCallExpression(parent)) return true;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  return ts.isBinaryExpression(parent);
}

function isLoopBound(node: ts.BinaryExpression): boolean {
  return ts.isForStatement(node.parent) || ts.isWhileStatement(node.parent);
}
