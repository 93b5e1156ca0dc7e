/** `belay runs`: the latest runs, or those that wait for people. Reads the store only. */
import { InvalidArgumentError, type Command } from 'commander';
import { listRuns } from '../../activities/store/read.js';
import type { RunRow } from '../../activities/store/schema.js';
import { durationText } from '../../workflows/domain/time.js';
import { columns } from './columns.js';
import { addCommand, print, type JsonOption } from './command.js';
import { withDb } from './connections.js';
import { readStopped, stoppedDocument, stoppedLines } from './stopped.js';
import type { Colour, Paint, Terminal } from './terminal.js';

interface RunsOptions extends JsonOption {
  readonly waiting?: true;
  readonly ids?: true;
  readonly service?: string;
  readonly limit: number;
}

const limitMax = 1000;

export function addRuns(program: Command, terminal: Terminal): void {
  addCommand(program, { usage: 'runs', says: 'List runs, the latest first' })
    .option('--waiting', 'only those that wait for people')
    .option('--service <name>', 'only those of this service')
    .option('--limit <count>', `at most so many, up to ${limitMax}`, countOf, 50)
    .option('--ids', 'only their ids, one a line')
    .action(async (options: RunsOptions) => {
      const { waiting, service, limit } = options;
      const wanted = {
        limit,
        ...(waiting === undefined ? {} : { waiting }),
        ...(service === undefined ? {} : { service }),
      };
      const { runs, stopped } = await withDb(terminal, async (db) => {
        const [runs, stopped] = await Promise.all([
          listRuns(db, wanted),
          readStopped(db, terminal),
        ]);
        return { runs, stopped };
      });
      print(terminal, options, {
        document: { runs: runs.map(runDocument), ...stoppedDocument(stopped) },
        lines: (paint) => {
          if (options.ids === true) return runs.map(({ run }) => run);
          return [...stoppedLines(stopped, paint), ...table(runs, paint)];
        },
      });
    });
}

/** A row for programs: camel case, times as RFC 3339. */
export function runDocument(row: RunRow): object {
  return {
    run: row.run,
    runbook: row.runbook,
    service: row.service,
    environment: row.environment,
    alert: row.alert.name,
    trigger: row.trigger,
    state: row.state,
    level: row.level,
    plan: row.plan_hash,
    outcome: row.outcome,
    reason: row.reason,
    why: row.why,
    openedAt: row.opened_at?.toISOString() ?? null,
    closedAt: row.closed_at?.toISOString() ?? null,
    changedAt: row.changed_at.toISOString(),
  };
}

function table(runs: readonly RunRow[], paint: Paint): string[] {
  if (runs.length === 0) return ['no runs'];
  const nowMs = Date.now();
  const head = ['RUN', 'ALERT', 'SERVICE', 'LEVEL', 'STATE', 'OUTCOME', 'AGE'];
  const rows = runs.map((row) => [
    row.run,
    row.alert.name,
    row.service,
    row.level === null ? '-' : String(row.level),
    paint(stateColour(row), row.state),
    row.outcome === null ? '-' : paint(outcomeColour[row.outcome], outcomeText(row)),
    row.opened_at === null ? '-' : durationText(nowMs - row.opened_at.getTime()),
  ]);
  return columns([head.map((title) => paint('dim', title)), ...rows]);
}

function outcomeText({ outcome, reason }: RunRow): string {
  return reason === null ? (outcome ?? '-') : `${outcome ?? '-'} (${reason})`;
}

export function stateColour({ state }: Pick<RunRow, 'state'>): Colour {
  if (state === 'waiting') return 'yellow';
  return state === 'closed' ? 'dim' : 'cyan';
}

/** Green for well, red for what a person must see to. */
export const outcomeColour = {
  resolved: 'green',
  advised: 'cyan',
  withheld: 'yellow',
  undone: 'yellow',
  unresolved: 'red',
  stuck: 'red',
} as const;

/** For commander, which turns the error into wrong usage. */
export function countOf(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= limitMax) return count;
  throw new InvalidArgumentError(`give a whole number from 1 to ${limitMax}`);
}
