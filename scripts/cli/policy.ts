/** `belay policy`: what may be done alone, as files: checked, tested, proved, listed, explained and accounted for. */
import type { Command } from 'commander';
import { schemaText } from '../../activities/policy/fact.js';
import { addCommand, print, type JsonOption } from './command.js';
import { check, type CheckOptions } from './policy/check.js';
import { explain } from './policy/explain.js';
import { list } from './policy/list.js';
import { proveSet, type ProveOptions } from './policy/prove.js';
import { dayBegins, dayEnds, report, type ReportOptions } from './policy/report.js';
import { testSet, type TestOptions } from './policy/test.js';
import { setOption, type SetOption } from './policy/the-set.js';
import { runArgument } from './run-argument.js';
import { sinceFlag, sinceOption } from './since.js';
import type { Terminal } from './terminal.js';

const monthText = '30d';

export function addPolicy(program: Command, terminal: Terminal): void {
  const family = program
    .command('policy')
    .summary('What may be done alone: check, test, prove, explain, list, report')
    .description('What may be done alone: check, test, prove, explain, list, report');
  addFiles(family, terminal);
  addProofs(family, terminal);
  addHistory(family, terminal);
}

function addFiles(family: Command, terminal: Terminal): void {
  addCommand(family, { usage: 'check', says: 'Whether a set of policies can come into force' })
    .option(...setOption)
    .option('--yes', 'accept a set that permits nothing, or everything')
    .action((options: CheckOptions) => {
      check(terminal, options);
    });
  addCommand(family, {
    usage: 'list',
    says: 'List the policies: owner, review, what each protects',
  })
    .option(...setOption)
    .action((options: JsonOption & SetOption) => {
      list(terminal, options);
    });
  addCommand(family, { usage: 'schema', says: 'Print the Cedar schema of all facts' }).action(
    (options: JsonOption) => {
      const schema = schemaText();
      print(terminal, options, { document: { schema }, lines: () => [schema.trimEnd()] });
    },
  );
}

function addProofs(family: Command, terminal: Terminal): void {
  addCommand(family, { usage: 'test', says: 'Run the tests beside the policies; what is untried' })
    .option(...setOption)
    .addOption(sinceFlag('also what nobody used within that time, such as 90d'))
    .option('--scenarios <folder>', 'cases that every set must pass; else test/scenarios')
    .option('--alerts <path>', 'Prometheus rules, a file or a folder: which alerts there are')
    .action((options: TestOptions) => testSet(terminal, options));
  addCommand(family, { usage: 'prove', says: 'Prove the invariants, or what a change allows' })
    .option(...setOption)
    .option(
      '--from <revision>',
      'what is newly allowed since this git revision; last: by the last change',
    )
    .option('--to <revision>', 'up to this one, instead of the files as they are')
    .option('--yes', 'what is newly allowed is meant: end with 0')
    .action((options: ProveOptions) => proveSet(terminal, options));
}

function addHistory(family: Command, terminal: Terminal): void {
  addCommand(family, { usage: 'explain', says: 'Why policy said what it said to a run' })
    .argument(...runArgument)
    .option(...setOption)
    .action((run: string, options: JsonOption & SetOption) => explain(terminal, run, options));
  addCommand(family, { usage: 'report', says: 'Every action of a period that was taken alone' })
    .addOption(sinceOption(monthText))
    .option('--from <day>', 'from this day on (UTC), instead of --since', dayBegins)
    .option('--to <day>', 'up to the end of this day', dayEnds)
    .option('--csv', 'as CSV with a heading')
    .option('--all', 'also what people triggered or approved')
    .action((options: ReportOptions) => report(terminal, options));
}
