/**
 * A text as TypeScript or Markdown may hold it, laid out as prettier would. Text of alerts is hostile: whatever it says,
 * it stays a text. Writes no file.
 */
import type { Matcher } from '../../../workflows/domain/routing.js';

const widthMax = 100;
const indentWidth = 2;

/** A string of TypeScript, with the quotes prettier takes: those it has to escape less. */
export function literalOf(text: string): string {
  const quote = countOf(text, "'") > countOf(text, '"') ? '"' : "'";
  const inner = text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escapeOf);
  return `${quote}${inner}${quote}`;
}

function countOf(text: string, letter: string): number {
  return text.split(letter).length - 1;
}

/** What nobody sees, or what turns the direction of writing. */
function escapeOf(letter: string): string {
  return `\\u{${(letter.codePointAt(0) ?? 0).toString(16)}}`;
}

export interface Property {
  readonly key: string;
  readonly value: string;
  /** Columns before it. */
  readonly indent: number;
}

/** `key: 'value',` on one line, or the value on the next where it would be too wide. */
export function propertyText({ key, value, indent }: Property): string {
  const name = /^[A-Za-z_$][\w$]*$/.test(key) ? key : literalOf(key);
  const literal = literalOf(value);
  const margin = ' '.repeat(indent);
  const line = `${margin}${name}: ${literal},`;
  if (line.length <= widthMax || name.length <= indentWidth) return line;
  return `${margin}${name}:\n${margin}${' '.repeat(indentWidth)}${literal},`;
}

/** `const name = 'value';` at the margin. */
export function constText(name: string, value: string): string {
  const literal = literalOf(value);
  const line = `const ${name} = ${literal};`;
  return line.length <= widthMax ? line : `const ${name} =\n  ${literal};`;
}

/** `handles: [{ ... }],` as it stands in a runbook. */
export function handlesText(matcher: Matcher): string {
  const inline = Object.entries(matcher).map(([key, value]) =>
    propertyText({ key, value, indent: 0 }).slice(0, -1),
  );
  const line = `    handles: [{ ${inline.join(', ')} }],`;
  if (line.length <= widthMax && !line.includes('\n')) return line;
  const lines = Object.entries(matcher).map(([key, value]) =>
    propertyText({ key, value, indent: 8 }),
  );
  return ['    handles: [', '      {', ...lines, '      },', '    ],'].join('\n');
}

const codeWidthMax = 300;

/** A span of code in Markdown, on one line, in which nothing is markup. */
export function codeSpan(text: string): string {
  const line = text
    .replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
    .slice(0, codeWidthMax);
  const ticks = [...line.matchAll(/`+/g)].map(([run]) => run.length);
  const fence = '`'.repeat(Math.max(0, ...ticks) + 1);
  const margin = /^`|`$/.test(line) ? ' ' : '';
  return `${fence}${margin}${line}${margin}${fence}`;
}
