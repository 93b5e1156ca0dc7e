/** What a mutant is: one change of workflow code in words and in text, and the guards that end endless loops. Makes none. */
import ts from 'typescript';

/** How workflow code is changed; each breaks determinism when it changes what a run asks for. */
export type MutantKind =
  'remove' | 'add' | 'repeat' | 'reorder' | 'retype' | 'condition' | 'await' | 'branches' | 'loop';

/** Replaces the text from `start` to `end` of a guarded source. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface Change extends Edit {
  readonly kind: MutantKind;
  readonly words: string;
}

export interface Mutant extends Change {
  /** From 1, over all files; 0 is the code as it is. */
  readonly id: number;
  /** From the project's root. */
  readonly file: string;
  readonly line: number;
}

/** A source with a guard at every turn of a loop that knows no end of its own. */
export interface GuardedSource {
  readonly file: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

const guard = ' __belayTurn();';

/** What the guards and the chosen mutant need around them: a loop that turns this often is taken for endless. */
export function preamble(mutant: number): string {
  return [
    `var __belayMutant = ${mutant};`,
    'var __belayTurns = 0;',
    'function __belayTurn() { if (++__belayTurns > 20000) throw new Error("it turns for ever"); }',
    '',
  ].join(' ');
}

/** Lines stay where they are. */
export function guarded(file: string, text: string): GuardedSource {
  const starts: number[] = [];
  visit(parsed(file, text), (node) => {
    if (!ts.isForStatement(node) && !ts.isWhileStatement(node)) return;
    if (ts.isBlock(node.statement)) starts.push(node.statement.getStart() + 1);
  });
  const guardedText = starts
    .toSorted((left, right) => right - left)
    .reduce((rest, at) => rest.slice(0, at) + guard + rest.slice(at), text);
  return { file, text: guardedText, tree: parsed(file, guardedText) };
}

export function withoutGuards(text: string): string {
  return text.replaceAll(guard, '');
}

export function isGuard(node: ts.Node): boolean {
  return ts.isExpressionStatement(node) && node.getText() === guard.trim();
}

/** The source as a person would have written the mutant. */
export function mutatedText(source: GuardedSource, { start, end, text }: Edit): string {
  return withoutGuards(source.text.slice(0, start) + text + source.text.slice(end));
}

export function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

function parsed(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
}
