/** How a command line is run and ends: an exit code, and at most one line saying what was wrong. Knows no command. */
import { Command, CommanderError } from 'commander';
import { Complaint, Ended } from './complaint.js';
import { reasonOf } from './reason.js';
import { jsonLine, paintOf, type Terminal } from './terminal.js';

export type AddCommand = (program: Command, terminal: Terminal) => void;

const usageExit = 2;

export function treeOf(commands: readonly AddCommand[], terminal: Terminal): Command {
  const program = new Command('belay')
    .description('Turns alerts into safe, reversible, accountable repairs')
    .helpCommand(false)
    .exitOverride()
    .enablePositionalOptions() // a flag after the name of a command is that command's
    .configureOutput({
      writeOut: (text) => {
        terminal.out(text.trimEnd());
      },
      writeErr: () => undefined, // said once, in one line, by runBelay
      getOutHasColors: () => terminal.colours,
    })
    .addHelpText(
      'after',
      '\nExit: 0 done, 1 refused or failed, 2 wrong usage, 3 not reachable. Every command takes --json.',
    );
  for (const add of commands) add(program, terminal);
  return program;
}

/** Never throws; answers the exit code. */
export async function runCommands(
  commands: readonly AddCommand[],
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const program = treeOf(commands, terminal);
  if (args.length === 0) {
    terminal.out(program.helpInformation().trimEnd());
    return usageExit;
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return said(error, { terminal, json: args.includes('--json') });
  }
}

function said(
  error: unknown,
  { terminal, json }: { readonly terminal: Terminal; readonly json: boolean },
): number {
  if (error instanceof Ended) return error.exitCode;
  const { exitCode, what, fix } = complaintOf(error);
  if (exitCode === 0) return 0;
  if (json) terminal.err(jsonLine({ v: 1, error: what, fix, exit: exitCode }));
  else terminal.err(`${paintOf(terminal)('red', 'belay:')} ${what}${fix === '' ? '' : `: ${fix}`}`);
  return exitCode;
}

interface Said {
  readonly exitCode: number;
  readonly what: string;
  readonly fix: string;
}

function complaintOf(error: unknown): Said {
  if (error instanceof Complaint) return error;
  if (error instanceof CommanderError) {
    if (error.code === 'commander.help') {
      return {
        exitCode: usageExit,
        what: 'a word is missing after it',
        fix: 'belay <command> --help',
      };
    }
    const what = error.message.replace(/^error: /, '').replace(/\s*\n\s*/g, ' ');
    return { exitCode: error.exitCode === 0 ? 0 : usageExit, what, fix: 'belay <command> --help' };
  }
  return { exitCode: 1, what: reasonOf(error), fix: '' };
}
