/**
 * Plants every mutant of a file beside its code, each switched on by its number: so that one build serves them all.
 * A function with mutants has a body for each, before its own; what lies outside of functions is switched where it stands.
 */
import ts from 'typescript';
import { changesOf } from './mutators.js';
import { visit, type Change, type GuardedSource, type Mutant } from './mutant.js';

/** All mutants of a source, numbered from `firstId` on; the same change is made once. */
export function mutantsOf(source: GuardedSource, firstId: number): Mutant[] {
  const changes: Change[] = [];
  visit(source.tree, (node) => {
    if (!inType(node) && !inConstructor(node)) changes.push(...changesOf(node));
  });
  const plantable = changes.filter((change) => place(source, change) !== undefined);
  const unique = new Map(plantable.map((change) => [keyOf(change), change]));
  return [...unique.values()].map((change, index) => ({
    ...change,
    id: firstId + index,
    file: source.file,
    line: source.tree.getLineAndCharacterOfPosition(change.start).line + 1,
  }));
}

/** The source's text with all of them in it. */
export function planted(source: GuardedSource, mutants: readonly Mutant[]): string {
  const places = new Map<ts.Node, Mutant[]>();
  for (const mutant of mutants) {
    const at = place(source, mutant);
    if (at !== undefined) places.set(at, [...(places.get(at) ?? []), mutant]);
  }
  return rendered(source, source.tree, places);
}

type Places = ReadonlyMap<ts.Node, readonly Mutant[]>;

function rendered(source: GuardedSource, node: ts.Node, places: Places): string {
  const inner = outermostWithin(node, places);
  let at = node.getFullStart();
  let text = '';
  for (const child of inner) {
    text += source.text.slice(at, child.getStart());
    text += switched(source, child, places);
    at = child.end;
  }
  return text + source.text.slice(at, node.end);
}

/** The places right below a node, in the order of the text. */
function outermostWithin(node: ts.Node, places: Places): ts.Node[] {
  const found: ts.Node[] = [];
  const look = (child: ts.Node): void => {
    if (places.has(child)) found.push(child);
    else ts.forEachChild(child, look);
  };
  ts.forEachChild(node, look);
  return found;
}

function switched(source: GuardedSource, at: ts.Node, places: Places): string {
  const mutants = places.get(at) ?? [];
  const itself = rendered(source, at, places).trimStart();
  const mutated = mutants.map((mutant) => [mutant.id, textWith(source, at, mutant)] as const);
  if (ts.isBlock(at)) {
    const bodies = mutated.map(([id, text]) => `if (__belayMutant === ${id}) ${text} else `);
    return `{ ${bodies.join('')}${itself} }`;
  }
  const chain = mutated.map(([id, text]) => `__belayMutant === ${id} ? (${text}) : `);
  return `(${chain.join('')}(${itself}))`;
}

function textWith(source: GuardedSource, at: ts.Node, { start, end, text }: Change): string {
  const { text: whole } = source;
  return whole.slice(at.getStart(), start) + text + whole.slice(end, at.end);
}

/** The innermost body around the change, or the changed name itself where there is no function around. */
function place(source: GuardedSource, { start, end, kind }: Change): ts.Node | undefined {
  let found: ts.Node | undefined;
  visit(source.tree, (node) => {
    if (node.getStart() > start || node.end < end) return;
    if (isBody(node)) found = node;
    if (found === undefined && kind === 'retype' && ts.isStringLiteral(node)) found = node;
  });
  return found;
}

function isBody(node: ts.Node): boolean {
  const { parent } = node;
  if (parent === undefined || !ts.isFunctionLike(parent) || ts.isConstructorDeclaration(parent)) {
    return false;
  }
  return 'body' in parent && parent.body === node;
}

function inConstructor(node: ts.Node): boolean {
  return ts.findAncestor(node, (outer) => ts.isConstructorDeclaration(outer)) !== undefined;
}

function inType(node: ts.Node): boolean {
  return ts.findAncestor(node, (outer) => ts.isTypeNode(outer)) !== undefined;
}

function keyOf({ start, end, text }: Change): string {
  return `${start}-${end}:${text}`;
}
