/** `belay watch`: the ledger as it is written, of every run or of one. Reads only, and ends in bounded time when asked to. */
import { InvalidArgumentError, type Command } from 'commander';
import type { Db } from '../../activities/store/db.js';
import type { LedgerRow } from '../../activities/store/schema.js';
import { hours, seconds } from '../../workflows/domain/time.js';
import { addCommand, type JsonOption } from './command.js';
import { refused } from './complaint.js';
import { withDb } from './connections.js';
import { entryDocument, followed } from './ledger-lines.js';
import { awaitLine, lastSeq, LedgerTail } from './ledger-tail.js';
import { findRun } from './run-argument.js';
import { jsonLine, paintOf, type Terminal } from './terminal.js';

interface WatchOptions extends JsonOption {
  readonly untilOutcome?: string;
  readonly within: number;
}

const everyMs = 500;
const withinMaxMs = hours(24);

export function addWatch(program: Command, terminal: Terminal): void {
  addCommand(program, {
    usage: 'watch',
    says: 'Follow the ledger as it is written',
    json: 'print one JSON object a line',
  })
    .argument('[run]', 'only this run, from its beginning')
    .option('--until-outcome <run>', 'end (0) when this run has its outcome; shows only this run')
    .option(
      '--within <seconds>',
      'end after so long, with 1 when an outcome was waited for',
      secondsOf,
      withinMaxMs,
    )
    .action((typed: string | undefined, options: WatchOptions) =>
      withDb(terminal, (db) => watch(db, { terminal, typed, options })),
    );
}

interface Watching {
  readonly terminal: Terminal;
  readonly typed: string | undefined;
  readonly options: WatchOptions;
}

async function watch(db: Db, { terminal, typed, options }: Watching): Promise<void> {
  const { untilOutcome, within } = options;
  const only = untilOutcome ?? typed;
  const run = only === undefined ? undefined : await findRun(db, only);
  const tail = new LedgerTail(db, run === undefined ? await lastSeq(db) : await seqBefore(db, run));
  const paint = paintOf(terminal);
  const last = await awaitLine(
    tail,
    { everyMs, untilMs: Date.now() + within, ending: terminal.ending },
    (row) => {
      if (run !== undefined && row.run !== run) return false;
      terminal.out(options.json === true ? jsonLine(entryDocument(row)) : followed(row, paint));
      return untilOutcome !== undefined && endsIt(row);
    },
  );
  if (untilOutcome !== undefined && last === undefined) {
    throw refused(`${run ?? ''} has no outcome yet`, 'belay show tells what it waits for');
  }
}

function endsIt({ kind }: LedgerRow): boolean {
  return kind === 'outcome' || kind === 'closed';
}

/** The number before the run's first line. */
async function seqBefore(db: Db, run: string): Promise<number> {
  const row = await db
    .selectFrom('ledger')
    .select(({ fn }) => fn.min('seq').as('seq'))
    .where('run', '=', run)
    .executeTakeFirst();
  return Math.max(0, Number(row?.seq ?? 1) - 1);
}

/** In milliseconds. */
function secondsOf(text: string): number {
  const count = Number(text);
  if (count > 0 && seconds(count) <= withinMaxMs) return seconds(count);
  throw new InvalidArgumentError(`give seconds, up to ${withinMaxMs / 1000}`);
}
