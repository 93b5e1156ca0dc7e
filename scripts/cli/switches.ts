/** `belay stop` and `belay resume`: the switch of the engine, by scope, and the release of a quarantined target. */
import type { Command } from 'commander';
import type { Db } from '../../activities/store/db.js';
import { requireScope, scopeKinds } from '../../activities/store/scope.js';
import { releaseTarget, resume, stop } from '../../activities/store/switches.js';
import { addCommand, print, type JsonOption } from './command.js';
import { misused, refused } from './complaint.js';
import { withDb } from './connections.js';
import { byOption, personOf, type PersonOption } from './person.js';
import type { Terminal } from './terminal.js';

interface SwitchOptions extends JsonOption, PersonOption {
  readonly why?: string;
}

const everything = 'everything';
const forms = [everything, ...scopeKinds.map((kind) => `${kind}:<name>`)].join(', ');
const targetPrefix = 'target:';

export function addSwitches(program: Command, terminal: Terminal): void {
  addSwitch(program, {
    usage: 'stop',
    says: 'Stop the engine, or a part of it: nothing new is acted on',
  })
    .argument('[scope]', forms, everything)
    .action((scope: string, options: SwitchOptions) => {
      checked(scope);
      return turn(terminal, { scope, options, word: 'stopped', change: stop });
    });
  addSwitch(program, {
    usage: 'resume',
    says: 'Resume what was stopped, or release a quarantined target',
  })
    .argument('[scope]', `${forms}, ${targetPrefix}<target> for a quarantined target`, everything)
    .action((scope: string, options: SwitchOptions) => {
      if (!scope.startsWith(targetPrefix)) {
        checked(scope);
        return turn(terminal, { scope, options, word: 'resumed', change: resume });
      }
      const target = scope.slice(targetPrefix.length);
      if (target === '')
        throw misused('the target is empty', 'belay doctor lists those in quarantine');
      return turn(terminal, { scope: target, options, word: 'released', change: releaseTarget });
    });
}

function addSwitch(program: Command, words: { usage: string; says: string }): Command {
  return addCommand(program, words)
    .option(...byOption)
    .option('--why <text>', 'the reason, for the ledger', 'no reason given');
}

function checked(scope: string): void {
  try {
    requireScope(scope);
  } catch {
    throw misused(`"${scope}" is no scope`, `give one of ${forms}`);
  }
}

interface Turn {
  readonly scope: string;
  readonly options: SwitchOptions;
  readonly word: 'stopped' | 'resumed' | 'released';
  change(db: Db, scope: string, turning: { by: string; why: string }): Promise<void>;
}

async function turn(terminal: Terminal, { scope, options, word, change }: Turn): Promise<void> {
  const turning = { by: personOf(terminal, options), why: options.why ?? '' };
  await withDb(terminal, async (db) => {
    try {
      await change(db, scope, turning);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw refused(error.message, 'belay doctor lists stop orders and quarantined targets');
    }
  });
  print(terminal, options, {
    document: { scope, turned: word, ...turning },
    lines: (paint) => [paint(word === 'stopped' ? 'yellow' : 'green', `${scope} is ${word}`)],
  });
}
