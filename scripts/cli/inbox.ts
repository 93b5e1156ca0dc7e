/** `belay inbox`: what came in and nobody has acted on, and what a person does about it: look, replay, drop. Sends nothing itself. */
import type { Command } from 'commander';
import type { Db } from '../../activities/store/db.js';
import { dropRow, readDesk, reviveRow, settleLetter } from '../../activities/store/inbox-desk.js';
import { addCommand, print, type JsonOption } from './command.js';
import { misused, refused } from './complaint.js';
import { withDb } from './connections.js';
import { deskDocument, deskLines } from './inbox/list.js';
import { replayLetter } from './inbox/replay.js';
import { showEntry } from './inbox/show.js';
import { byOption, personOf, type PersonOption } from './person.js';
import { countOf } from './runs.js';
import type { Terminal } from './terminal.js';

interface ListOptions extends JsonOption {
  readonly limit: number;
}

interface DeedOptions extends JsonOption, PersonOption {
  readonly why?: string;
}

export function addInbox(program: Command, terminal: Terminal): void {
  const inbox = addCommand(program, {
    usage: 'inbox',
    says: 'List what waits, was given up, found no runbook, or was not understood',
  })
    .enablePositionalOptions()
    .option('--limit <count>', 'of each kind at most so many, up to 1000', countOf, 20)
    .action(async (options: ListOptions) => {
      const desk = await withDb(terminal, (db) => readDesk(db, options.limit));
      print(terminal, options, {
        document: deskDocument(desk),
        lines: (paint) => deskLines(desk, paint),
      });
    });
  addCommand(inbox, { usage: 'show', says: 'Show a row of the inbox or a dead letter whole' })
    .argument(...idArgument)
    .action(async (id: string, options: JsonOption) => {
      const named = idOf(id);
      const answer = await withDb(terminal, (db) => showEntry(db, named));
      print(terminal, options, answer);
    });
  addDeed(inbox, {
    usage: 'replay',
    says: "Read a dead letter again with today's senders, or deliver a row again",
  }).action((id: string, options: DeedOptions) => replay(terminal, id, options));
  addDeed(inbox, { usage: 'drop', says: 'Act on it no more' }).action(
    (id: string, options: DeedOptions) => drop(terminal, id, options),
  );
}

const idArgument = ['<id>', 'as belay inbox lists it: d12 is a dead letter, 12 a row'] as const;

function addDeed(inbox: Command, words: { usage: string; says: string }): Command {
  return addCommand(inbox, words)
    .argument(...idArgument)
    .option(...byOption)
    .option('--why <text>', 'the reason, for the ledger');
}

/** A row of the inbox, or a dead letter. */
export interface EntryId {
  readonly kind: 'row' | 'letter';
  readonly id: number;
  readonly name: string;
}

function idOf(text: string): EntryId {
  const [, letter, digits = ''] = /^(d?)([1-9]\d{0,14})$/.exec(text) ?? [];
  if (letter === undefined) throw misused(`"${text}" is no id`, 'belay inbox lists them');
  return { kind: letter === 'd' ? 'letter' : 'row', id: Number(digits), name: text };
}

async function replay(terminal: Terminal, text: string, options: DeedOptions): Promise<void> {
  const named = idOf(text);
  const by = personOf(terminal, options);
  const why = options.why ?? 'no reason given';
  const says = await deed(terminal, named, async (db) => {
    if (named.kind === 'letter') return replayLetter(db, named, { by, why });
    await reviveRow(db, named.id, { by, why });
    return 'it is pending again: the intake delivers it';
  });
  print(terminal, options, {
    document: { id: named.name, turned: 'replayed', by, why, says },
    lines: (paint) => [paint('green', `${named.name}: ${says}`)],
  });
}

async function drop(terminal: Terminal, text: string, options: DeedOptions): Promise<void> {
  const named = idOf(text);
  const by = personOf(terminal, options);
  const { why = '' } = options;
  if (why.trim() === '') throw misused('nobody knows why', 'say why with --why');
  await deed(terminal, named, (db) => {
    const { kind, id } = named;
    if (kind === 'letter') return settleLetter(db, id, { state: 'dropped', by, why });
    return dropRow(db, id, { by, why });
  });
  print(terminal, options, {
    document: { id: named.name, turned: 'dropped', by, why },
    lines: (paint) => [paint('yellow', `${named.name} is dropped`)],
  });
}

async function deed<Result>(
  terminal: Terminal,
  { name }: EntryId,
  act: (db: Db) => Promise<Result>,
): Promise<Result> {
  return withDb(terminal, async (db) => {
    try {
      return await act(db);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw refused(error.message, `belay inbox show ${name} says what became of it`);
    }
  });
}
