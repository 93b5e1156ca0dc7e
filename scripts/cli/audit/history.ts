/** `belay audit history <run>`: holds Temporal's history of a run against the digest in the ledger. Changes nothing. */
import type { Command } from 'commander';
import { sql } from 'kysely';
import {
  historyLineId,
  readHistory,
  type HistoryDigest,
} from '../../../activities/audit/history-digest.js';
import { addCommand, print, type JsonOption } from '../command.js';
import { Ended, refused } from '../complaint.js';
import { withDb, withTemporal } from '../connections.js';
import { findRun, runArgument } from '../run-argument.js';
import type { Terminal } from '../terminal.js';

export function addHistory(audit: Command, terminal: Terminal): void {
  addCommand(audit, {
    usage: 'history',
    says: "Hold Temporal's history of a run against its digest in the ledger",
  })
    .argument(...runArgument)
    .action((typed: string, options: JsonOption) => compare(terminal, typed, options));
}

interface Kept {
  readonly run: string;
  /** Undefined without a line; null when the history was gone already. */
  readonly digest: HistoryDigest | null | undefined;
}

async function compare(terminal: Terminal, typed: string, options: JsonOption): Promise<void> {
  const { run, digest } = await keptOf(terminal, typed);
  if (digest === undefined)
    throw refused(
      `no digest of the history of ${run} is in the ledger`,
      'it comes when the run is over: see that the notary runs',
    );
  if (digest === null)
    throw refused(
      `the history of ${run} was gone before its digest could be made`,
      "keep histories longer: the namespace's retention",
    );
  const there = await withTemporal(terminal, (client) => readHistory(client, run));
  const isSame = typeof there === 'object' && there.sha256 === digest.sha256;
  const found =
    typeof there === 'object' ? `${there.events} events, ${there.sha256}` : `it is ${there}`;
  print(terminal, options, {
    document: { run, ok: isSame, ledger: digest, temporal: there },
    lines: (paint) => [
      `ledger    ${digest.events} events, ${digest.sha256}`,
      `Temporal  ${found}`,
      isSame
        ? paint(
            'green',
            'the history is the one that was digested; belay audit verify proves the line',
          )
        : paint('red', 'the history is not the one that was digested'),
    ],
  });
  if (!isSame) throw new Ended(1);
}

function keptOf(terminal: Terminal, typed: string): Promise<Kept> {
  return withDb(terminal, async (db) => {
    const run = await findRun(db, typed);
    const { rows } = await sql<{ digest: HistoryDigest | null }>`
      SELECT detail -> 'history' AS digest FROM ledger WHERE run = ${run} AND id = ${historyLineId + run}`.execute(
      db,
    );
    return { run, digest: rows[0]?.digest };
  });
}
