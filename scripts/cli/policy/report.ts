/** `belay policy report`: every action of a period that Belay took alone, with policy, level, approver and outcome; as CSV too. */
import { actionsSince, type AutonomousAction } from '../../../activities/store/policy-use.js';
import { durationText } from '../../../workflows/domain/time.js';
import { columns } from '../columns.js';
import { print, type JsonOption } from '../command.js';
import { misused } from '../complaint.js';
import { withDb } from '../connections.js';
import type { Paint, Terminal } from '../terminal.js';

export interface ReportOptions extends JsonOption {
  /** Milliseconds. */
  readonly since: number;
  readonly csv?: true;
  /** Those that people triggered or approved as well. */
  readonly all?: true;
}

export async function report(terminal: Terminal, options: ReportOptions): Promise<void> {
  const { since: sinceMs, csv, json, all } = options;
  if (csv === true && json === true) throw misused('--csv and --json', 'choose one of them');
  const actions = await withDb(terminal, (db) =>
    actionsSince(db, { sinceMs, alone: all !== true }),
  );
  if (csv === true) {
    for (const line of csvLines(actions)) terminal.out(line);
    return;
  }
  print(terminal, options, {
    document: { sinceMs, actions },
    lines: (paint) => table(actions, sinceMs, paint),
  });
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

function csvLines(actions: readonly AutonomousAction[]): string[] {
  return [fields.join(','), ...actions.map((action) => cellsOf(action).map(csvCell).join(','))];
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

function table(actions: readonly AutonomousAction[], sinceMs: number, paint: Paint): string[] {
  if (actions.length === 0) return [`nothing was done alone within ${durationText(sinceMs)}`];
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
