/** `belay policy report`: every action of a period that Belay took alone, with policy, level, approver and outcome; as CSV too. */
import { InvalidArgumentError } from 'commander';
import {
  actionsWithin,
  type AutonomousAction,
  type Period,
} from '../../../activities/store/policy-use.js';
import type { Db } from '../../../activities/store/db.js';
import { durationText, hours } from '../../../workflows/domain/time.js';
import { columns } from '../columns.js';
import { print, type JsonOption } from '../command.js';
import { misused } from '../complaint.js';
import { withDb } from '../connections.js';
import type { Paint, Terminal } from '../terminal.js';

export interface ReportOptions extends JsonOption {
  /** Milliseconds. */
  readonly since: number;
  /** Instants at which the first day begins and the last one ends, in milliseconds; instead of `since`. */
  readonly from?: number;
  readonly to?: number;
  readonly csv?: true;
  /** Those that people triggered or approved as well. */
  readonly all?: true;
}

export async function report(terminal: Terminal, options: ReportOptions): Promise<void> {
  const { csv, json } = options;
  if (csv === true && json === true) throw misused('--csv and --json', 'choose one of them');
  const period = periodOf(options);
  const asked = { ...period, alone: options.all !== true };
  if (csv === true) return withDb(terminal, (db) => printCsv(terminal, db, asked));
  const actions = await withDb(terminal, (db) => allOf(db, asked));
  print(terminal, options, {
    document: { ...period, actions },
    lines: (paint) => table(actions, periodText(options), paint),
  });
}

type Asked = Period & { readonly alone: boolean };

function periodOf({ since, from, to }: ReportOptions): Period {
  if (from === undefined && to === undefined) return { sinceMs: since };
  if (from === undefined) throw misused('--to without --from', 'name the first day too');
  const nowMs = Date.now();
  const untilMs = to === undefined ? 0 : Math.max(0, nowMs - to);
  if (nowMs - from <= untilMs) throw misused('--from is no day before --to', 'turn them round');
  return { sinceMs: nowMs - from, untilMs };
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

function periodText({ since, from, to }: ReportOptions): string {
  if (from === undefined) return `within ${durationText(since)}`;
  return to === undefined ? `since ${dayOf(from)}` : `from ${dayOf(from)} to ${dayOf(to - 1)}`;
}

/** For commander: the instant at which the day begins (UTC). */
export function dayBegins(text: string): number {
  const ms = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN;
  if (!Number.isNaN(ms) && dayOf(ms) === text) return ms;
  throw new InvalidArgumentError('give a day, such as 2027-01-31');
}

/** For commander: the instant at which the day ends (UTC). */
export function dayEnds(text: string): number {
  return dayBegins(text) + hours(24);
}

async function allOf(db: Db, asked: Asked): Promise<AutonomousAction[]> {
  const actions: AutonomousAction[] = [];
  for await (const page of actionsWithin(db, asked)) actions.push(...page);
  return actions;
}

const fields = [
  'at',
  'run',
  'runbook',
  'service',
  'environment',
  'step',
  'action',
  'level',
  'policy',
  'release',
  'by',
  'approvers',
  'outcome',
] as const;

/** As it is read: a year of a large fleet needs no more memory than a page of it. */
async function printCsv(terminal: Terminal, db: Db, asked: Asked): Promise<void> {
  terminal.out(fields.join(','));
  for await (const page of actionsWithin(db, asked)) {
    for (const action of page) terminal.out(cellsOf(action).map(csvCell).join(','));
  }
}

function cellsOf(action: AutonomousAction): string[] {
  return [
    action.at.toISOString(),
    action.run,
    action.runbook,
    action.service,
    action.environment,
    action.step ?? '',
    action.says,
    String(action.level ?? ''),
    action.policyDigest ?? '',
    action.release ?? '',
    action.by.join(' '),
    action.approvers.join(' '),
    action.outcome ?? '',
  ];
}

/** RFC 4180; what a spreadsheet would take for a formula is made plain text. */
function csvCell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

function table(actions: readonly AutonomousAction[], period: string, paint: Paint): string[] {
  if (actions.length === 0) return [`nothing was done alone ${period}`];
  const head = ['AT', 'RUN', 'ACTION', 'LEVEL', 'POLICY', 'BY', 'APPROVERS', 'OUTCOME'];
  const rows = actions.map((action) => [
    action.at.toISOString(),
    action.run,
    action.says.replace(/^about to /, ''),
    String(action.level ?? '?'),
    action.policyDigest?.slice(0, 12) ?? '?',
    action.by.join(', ') || '?',
    action.approvers.join(', ') || 'nobody was asked',
    action.outcome ?? 'not over',
  ]);
  return columns([head.map((title) => paint('dim', title)), ...rows]);
}
