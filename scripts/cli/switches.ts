/** `belay stop` and `belay resume`: the switch of the engine, by scope, and the release of a quarantined target. */
import type { Command } from 'commander';
import type { Db } from '../../activities/store/db.js';
import { requireScope, scopeKinds } from '../../activities/store/scope.js';
import { resume, type Resumption } from '../../activities/store/resume.js';
import { releaseTarget, stop, type Turning } from '../../activities/store/switches.js';
import { instantText } from '../../workflows/domain/time.js';
import { addCommand, print, type JsonOption } from './command.js';
import { Complaint, Ended, misused, refused, unreachable } from './complaint.js';
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
  change(db: Db, scope: string, turning: Turning): Promise<Resumption | void>;
}

async function turn(terminal: Terminal, { scope, options, word, change }: Turn): Promise<void> {
  const turning = { by: personOf(terminal, options), why: options.why ?? '' };
  const came = await withDb(terminal, async (db) => {
    try {
      return await change(db, scope, turning);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw refused(error.message, 'belay status lists what is stopped');
    }
  }).catch((error: unknown) => {
    throw word === 'stopped' ? withOtherWays(error) : error;
  });
  const asked = came?.state === 'asked' ? came : undefined;
  print(terminal, options, {
    document: { scope, turned: asked === undefined ? word : 'asked', ...turning, ...restOf(asked) },
    lines: (paint) => [
      asked === undefined
        ? paint(word === 'stopped' ? 'yellow' : 'green', `${scope} is ${word}`)
        : paint('yellow', askedText(scope, asked)),
    ],
  });
  if (asked !== undefined) throw new Ended(1);
}

type Asked = Extract<Resumption, { state: 'asked' }>;

function restOf(asked: Asked | undefined): object {
  if (asked === undefined) return {};
  const { people, approvalsMin, untilMs } = asked;
  return { people, approvalsMin, until: instantText(untilMs) };
}

function askedText(scope: string, { people, approvalsMin, untilMs }: Asked): string {
  const missing = approvalsMin - people.length;
  const others = missing === 1 ? 'one other person' : `${missing} other people`;
  return `${scope} is still stopped: asked by ${people.join(', ')}; ${others} must run the same by ${instantText(untilMs)}`;
}

/** Whoever wants to stop and cannot is told how else. */
function withOtherWays(error: unknown): unknown {
  if (!(error instanceof Complaint) || error.exitCode !== 3) return error;
  const file = 'create the file `stop` in the state folder of every worker';
  return unreachable(error.what, `${error.fix}; or ${file}, or POST /v1/stop to a worker`);
}
