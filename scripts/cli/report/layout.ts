/** How a report looks: in lines for a terminal, and in Markdown. Hostile text stays text in both. */
import { columns, oneLine } from '../columns.js';
import type { Paint } from '../terminal.js';
import type { Part, Report } from './part.js';

export function textLines({ title, parts }: Report, paint: Paint): string[] {
  return [paint('bold', title), ...parts.flatMap((part) => ['', ...textOf(part, paint)])];
}

function textOf({ heading, says, table, commands = [], colour }: Part, paint: Paint): string[] {
  const head = paint('bold', colour === undefined ? heading : paint(colour, heading));
  const rows = table === undefined || table.rows.length === 0 ? [] : [table.head, ...table.rows];
  const cells = rows.map((row, index) =>
    index === 0 ? row.map((title) => paint('dim', title)) : row,
  );
  return [head, ...[...says.map(oneLine), ...columns(cells), ...commands.map(oneLine)].map(indent)];
}

function indent(line: string): string {
  return `  ${line}`;
}

export function markdownLines({ title, parts }: Report): string[] {
  return [`# ${plain(title)}`, ...parts.flatMap(markdownOf)];
}

function markdownOf({ heading, says, table, commands = [] }: Part): string[] {
  const said = says.flatMap((sentence) => ['', plain(sentence)]);
  return ['', `## ${plain(heading)}`, ...said, ...tableOf(table), ...fenced(commands)];
}

function tableOf(table: Part['table']): string[] {
  if (table === undefined || table.rows.length === 0) return [];
  const row = (cells: readonly string[]): string => `| ${cells.map(plain).join(' | ')} |`;
  return ['', row(table.head), `|${' --- |'.repeat(table.head.length)}`, ...table.rows.map(row)];
}

/** A command never begins with backticks and stays on its line, so nothing in it ends the fence. */
function fenced(commands: readonly string[]): string[] {
  return commands.length === 0 ? [] : ['', '```sh', ...commands.map(oneLine), '```'];
}

/** On one line, with nothing in it that Markdown or HTML would take for markup. */
function plain(text: string): string {
  return oneLine(text).replace(/[\\`*_[\]<>|#~!&]/g, '\\$&');
}
