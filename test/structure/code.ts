/** The project's own source as the compiler parses it: files, functions, imports, comments. Judges nothing. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { pathOf } from '../support/story/bundles.js';

const root = pathOf('');
const folders = ['workflows', 'activities', 'workers', 'runbooks', 'scripts', 'test'];

export interface SourceCode {
  /** From the project's root, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

export const code: readonly SourceCode[] = folders.flatMap((folder) => filesIn(folder)).map(read);
/** What runs in production; tests have room for more lines. */
export const product = code.filter(({ path }) => !isTest(path));

export function isTest(path: string): boolean {
  return path.startsWith('test/') || path.endsWith('.test.ts');
}

export function textOf(fromRoot: string): string {
  return readFileSync(join(root, fromRoot), 'utf8');
}

export function exists(fromRoot: string): boolean {
  return existsSync(join(root, fromRoot));
}

/** Every import and export-from: a path from the root for our own files, else the package's name. */
export function importsOf({ path, text }: SourceCode): string[] {
  const { importedFiles } = ts.preProcessFile(text);
  return importedFiles.map(({ fileName }) => {
    if (!fileName.startsWith('.')) return fileName;
    const target = relative(root, resolve(root, dirname(path), fileName)).replaceAll('\\', '/');
    return target.replace(/\.js$/, '.ts');
  });
}

export interface MeasuredFunction {
  readonly where: string;
  readonly lines: number;
  readonly parameters: number;
}

/** Every function with a body of statements. */
export function functionsOf({ path, tree }: SourceCode): MeasuredFunction[] {
  const found: MeasuredFunction[] = [];
  visit(tree, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return;
    if (!ts.isBlock(node.body)) return;
    const first = lineOf(tree, node.getStart(tree));
    const lines = lineOf(tree, node.end) - first + 1;
    const name = node.name === undefined ? '' : ` ${node.name.getText(tree)}`;
    found.push({ where: `${path}:${first}${name}`, lines, parameters: node.parameters.length });
  });
  return found;
}

/** The text of every comment, with its line. */
export function commentsOf({ tree, text }: SourceCode): { line: number; text: string }[] {
  const starts = new Set<number>();
  const found: { line: number; text: string }[] = [];
  visit(tree, (node) => {
    for (const range of ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []) {
      if (starts.has(range.pos)) continue;
      starts.add(range.pos);
      const comment = text.slice(range.pos, range.end);
      found.push({ line: lineOf(tree, range.pos), text: comment });
    }
  });
  return found;
}

export function identifiersOf({ tree }: SourceCode): { line: number; text: string }[] {
  const found: { line: number; text: string }[] = [];
  visit(tree, (node) => {
    if (!ts.isIdentifier(node)) return;
    found.push({ line: lineOf(tree, node.getStart(tree)), text: node.text });
  });
  return found;
}

/** Exported functions and classes without a doc comment; where a file exports only one, the file's sentence is its own. */
export function undocumented({ path, tree }: SourceCode): string[] {
  const declared = tree.statements.filter((statement) => {
    return ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement);
  });
  const missing = declared.flatMap((statement) => {
    const documented = ts.getJSDocCommentsAndTags(statement).length > 0;
    if (!isExported(statement) || documented) return [];
    return [`${path}:${lineOf(tree, statement.getStart(tree))}`];
  });
  const exportedCount = declared.filter((statement) => isExported(statement)).length;
  return exportedCount > 1 ? missing : [];
}

function isExported(statement: ts.Statement): boolean {
  if (!ts.canHaveModifiers(statement)) return false;
  const modifiers = ts.getModifiers(statement) ?? [];
  return modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
}

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

function lineOf(tree: ts.SourceFile, position: number): number {
  return tree.getLineAndCharacterOfPosition(position).line + 1;
}

function read(path: string): SourceCode {
  const text = textOf(path);
  return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
}

function filesIn(folder: string): string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true });
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return filesIn(path);
    return /\.(ts|mjs|cjs)$/.test(entry.name) ? [path] : [];
  });
}
