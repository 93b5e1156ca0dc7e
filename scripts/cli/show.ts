/** `belay show <run>`: what it did or would do, why, what the gates said, how to answer it, and its ledger as a timeline. */
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { Db } from '../../activities/store/db.js';
import { getRun, ledgerOf } from '../../activities/store/read.js';
import type { LedgerRow, RunRow } from '../../activities/store/schema.js';
import { levelName } from '../../workflows/domain/level.js';
import type { Proposal } from '../../workflows/domain/plan.js';
import { durationText } from '../../workflows/domain/time.js';
import { statusQuery } from '../../workflows/messages.js';
import type { RunStatus } from '../../workflows/runtime.js';
import type { JudgedGate } from '../../workflows/store.js';
import { oneLine } from './columns.js';
import { addCommand, print, type JsonOption } from './command.js';
import { refused } from './complaint.js';
import { withDb, withTemporal } from './connections.js';
import { answerLines } from './answers.js';
import { entryDocument, timeline } from './ledger-lines.js';
import { gateLines, proposalLines, section } from './proposal.js';
import { findRun, runArgument } from './run-argument.js';
import { outcomeColour, runDocument, stateColour } from './runs.js';
import type { Paint, Terminal } from './terminal.js';

export function addShow(program: Command, terminal: Terminal): void {
  addCommand(program, { usage: 'show', says: 'Show one run: what, why, how to answer, its ledger' })
    .argument(...runArgument)
    .action(async (typed: string, options: JsonOption) => {
      const kept = await withDb(terminal, async (db) => keptOf(db, await findRun(db, typed)));
      const status =
        kept.row.state === 'closed' ? undefined : await liveStatus(terminal, kept.row.run);
      print(terminal, options, {
        document: documentOf(kept, status),
        lines: (paint) => storyLines(kept, status, paint),
      });
    });
}

/** What the store keeps of a run. */
export interface Kept {
  readonly row: RunRow;
  readonly ledger: readonly LedgerRow[];
  /** The latest one. */
  readonly proposal: Proposal | undefined;
  readonly gates: readonly JudgedGate[];
}

export async function keptOf(db: Db, run: string): Promise<Kept> {
  const [row, ledger] = await Promise.all([getRun(db, run), ledgerOf(db, run)]);
  if (row === undefined) throw refused(`no run is called "${run}"`, 'belay runs lists them');
  const proposal = ledger.findLast(({ kind }) => kind === 'proposal')?.detail;
  const admission = ledger.findLast(
    ({ kind, detail }) => kind === 'decision' && 'gates' in of(detail),
  );
  return {
    row,
    ledger,
    proposal: proposal as unknown as Proposal | undefined,
    gates: (of(admission?.detail)['gates'] ?? []) as unknown as JudgedGate[],
  };
}

function of(detail: LedgerRow['detail'] | undefined): Record<string, unknown> {
  return typeof detail === 'object' && detail !== null ? { ...detail } : {};
}

/** Undefined when the run is over, or nobody could ask it: the store's word must do then. */
export async function liveStatus(
  terminal: Pick<Terminal, 'env'>,
  run: string,
): Promise<RunStatus | undefined> {
  const ask = (client: Client): Promise<RunStatus> =>
    client.withDeadline(Date.now() + 2000, () =>
      client.workflow.getHandle(run).query<RunStatus>(statusQuery),
    );
  try {
    return await withTemporal(terminal, ask);
  } catch {
    return undefined;
  }
}

function documentOf({ row, ledger, proposal, gates }: Kept, status: RunStatus | undefined): object {
  const untilMs = status?.waitingUntilMs ?? null;
  return {
    ...runDocument(row),
    waitingUntil: untilMs === null ? null : new Date(untilMs).toISOString(),
    offers: status?.offers ?? [],
    details: status?.details ?? null,
    proposal: proposal ?? null,
    gates,
    ledger: ledger.map(entryDocument),
  };
}

function storyLines(kept: Kept, status: RunStatus | undefined, paint: Paint): string[] {
  const { row, ledger, proposal, gates } = kept;
  const parts = [
    headLines(row, status, paint),
    proposal === undefined ? [] : proposalLines(proposal, paint),
    gateLines(gates, paint),
    proposal === undefined ? [] : answerLines({ row, status, proposal }, paint),
    section('Ledger', timeline(ledger, paint), paint),
  ];
  return parts
    .filter((part) => part.length > 0)
    .flatMap((part, index) => (index === 0 ? part : ['', ...part]));
}

function headLines(row: RunRow, status: RunStatus | undefined, paint: Paint): string[] {
  const level = row.level === null ? '' : ` at level ${row.level}, ${levelName[row.level]}`;
  const outcome =
    row.outcome === null
      ? []
      : [`${paint(outcomeColour[row.outcome], row.outcome)}: ${row.why ?? ''}`];
  const untilMs = status?.waitingUntilMs ?? null;
  const until =
    untilMs === null
      ? ''
      : `, until ${new Date(untilMs).toISOString()} (${durationText(untilMs - Date.now())} left)`;
  return [
    paint('bold', row.run),
    `  ${row.alert.name} on ${row.service} (${row.environment}), started by ${row.trigger}`,
    `  ${paint(stateColour(row), row.state)}${level}${until}`,
    ...outcome.map((line) => `  ${oneLine(line)}`),
  ];
}
