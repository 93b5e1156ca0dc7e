/** What every command has: `--json`, and the same way to add it to the tree. Does nothing by itself. */
import type { Command } from 'commander';
import { jsonLine, paintOf, type Paint, type Terminal } from './terminal.js';

export interface JsonOption {
  readonly json?: true;
}

/** A command with its one-line summary; `usage` is commander's `name <argument>`. */
export function addCommand(
  program: Command,
  { usage, says, json = 'print one JSON document' }: CommandWords,
): Command {
  return program.command(usage).description(says).summary(says).option('--json', json);
}

export interface CommandWords {
  readonly usage: string;
  readonly says: string;
  readonly json?: string;
}

/** What a command answers: a document for programs, lines for people. */
export interface Answer {
  readonly document: object;
  lines(paint: Paint): readonly string[];
}

export function print(terminal: Terminal, { json }: JsonOption, answer: Answer): void {
  if (json === true) terminal.out(jsonLine({ v: 1, ...answer.document }));
  else for (const line of answer.lines(paintOf(terminal))) terminal.out(line);
}
