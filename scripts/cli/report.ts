/** `belay report`: the week for planning, the night for the morning, one run for its incident. Reads the store only. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Db } from '../../activities/store/db.js';
import type { Span } from '../../activities/store/report-span.js';
import { instantMs } from '../../workflows/domain/time.js';
import { addCommand, print, type JsonOption } from './command.js';
import { withDb } from './connections.js';
import { markdownLines, textLines } from './report/layout.js';
import { morningReport } from './report/morning.js';
import type { Report } from './report/part.js';
import { runReport } from './report/run.js';
import { weeklyReport } from './report/weekly.js';
import { findRun, runArgument } from './run-argument.js';
import { keptOf } from './show.js';
import { sinceOption } from './since.js';
import type { Terminal } from './terminal.js';

interface ReportOptions extends JsonOption {
  readonly markdown?: true;
}

interface SpanOptions extends ReportOptions {
  readonly since: number;
  readonly until?: Date;
}

export function addReport(program: Command, terminal: Terminal): void {
  const says = 'Report what Belay did, decided and left open';
  const family = program.command('report').summary(says).description(says);
  addSpan(family, terminal, {
    usage: 'weekly',
    says: 'The week: outcomes, decisions, refusals, storms, and runbooks to write',
    usual: '7d',
    report: weeklyReport,
  });
  addSpan(family, terminal, {
    usage: 'morning',
    says: 'The night: what waits for you, what is stopped, what happened',
    usual: '12h',
    report: morningReport,
  });
  addCommand(family, { usage: 'run', says: 'One run as a page to keep with its incident' })
    .argument(...runArgument)
    .addOption(markdownOption())
    .action(async (typed: string, options: ReportOptions) => {
      const kept = await withDb(terminal, async (db) => keptOf(db, await findRun(db, typed)));
      say(terminal, options, { report: runReport(kept), head: { run: kept.row.run } });
    });
}

function markdownOption(): Option {
  return new Option('--markdown', 'print Markdown').conflicts('json');
}

interface SpanReport {
  readonly usage: string;
  readonly says: string;
  /** How far it looks back, as a person writes it. */
  readonly usual: string;
  readonly report: (db: Db, span: Span) => Promise<Report>;
}

function addSpan(family: Command, terminal: Terminal, words: SpanReport): void {
  addCommand(family, words)
    .addOption(sinceOption(words.usual))
    .option('--until <time>', 'the end of what it is about, RFC 3339; now unless given', timeOf)
    .addOption(markdownOption())
    .action(async (options: SpanOptions) => {
      const until = options.until ?? new Date();
      const span = { from: new Date(until.getTime() - options.since), until };
      const report = await withDb(terminal, (db) => words.report(db, span));
      say(terminal, options, { report, head: span });
    });
}

interface Said {
  readonly report: Report;
  /** What the document says before its parts. */
  readonly head: object;
}

function say(terminal: Terminal, options: ReportOptions, { report, head }: Said): void {
  const { markdown } = options;
  const parts = Object.fromEntries(report.parts.map(({ key, document }) => [key, document]));
  print(terminal, options, {
    document: { ...head, ...parts },
    lines: (paint) => (markdown === true ? markdownLines(report) : textLines(report, paint)),
  });
}

/** For commander, which turns the error into wrong usage. */
function timeOf(text: string): Date {
  const atMs = instantMs(text);
  if (atMs !== undefined) return new Date(atMs);
  throw new InvalidArgumentError('give an RFC 3339 time, such as 2026-11-23T08:00:00Z');
}
