/** `belay match`: which runbook takes each alert, and why the others do not. Needs no server and starts nothing. */
import type { Command } from 'commander';
import { runbooks } from '../../runbooks/index.js';
import type { Alert } from '../../workflows/domain/alert.js';
import { route, type Route } from '../../workflows/domain/routing.js';
import { nameOf, readEither } from './alert-source.js';
import { columns } from './columns.js';
import { addCommand, type JsonOption } from './command.js';
import { jsonLine, paintOf, type Paint, type Terminal } from './terminal.js';

interface MatchOptions extends JsonOption {
  readonly source: string;
}

export const sourceOption = [
  '--source <source>',
  'whose format the file is',
  'alertmanager',
] as const;

export function addMatch(program: Command, terminal: Terminal): void {
  addCommand(program, {
    usage: 'match',
    says: 'Say which runbook takes each alert, and why the others do not',
    json: 'print one JSON object a line, one for each alert',
  })
    .argument(
      '[file]',
      "a sender's body, or lines of belay parse; - or nothing reads what is piped in",
    )
    .option(...sourceOption)
    .action(async (file: string | undefined, { source, json }: MatchOptions) => {
      const paint = paintOf(terminal);
      const read = await readEither(terminal, { file, source });
      if (read.kind === 'nothing') {
        const why = `${nameOf({ file })} begins and ends nothing, so no runbook is asked: ${read.why}`;
        return terminal.out(json === true ? jsonLine({ runbook: null, why }) : `no alert: ${why}`);
      }
      for (const alert of read.alerts) {
        const found = route(runbooks, alert);
        if (json === true) terminal.out(jsonLine(documentOf(alert, found)));
        else for (const line of linesOf(alert, found, paint)) terminal.out(line);
      }
    });
}

function documentOf(alert: Alert, { runbook, why, considered }: Route): object {
  const { fingerprint, name, status, service } = alert;
  return { fingerprint, name, status, service, runbook, why, considered };
}

function linesOf(alert: Alert, { runbook, why, considered }: Route, paint: Paint): string[] {
  const taken = runbook === null ? paint('yellow', `no runbook: ${why}`) : paint('green', runbook);
  const rows = considered.map((entry) => [
    `  ${entry.runbook}`,
    entry.runbook === runbook ? paint('green', 'takes it') : paint('dim', 'no'),
    entry.runbook === runbook ? why : entry.why,
  ]);
  return [`${alert.name} on ${alert.service} (${alert.status}): ${taken}`, ...columns(rows)];
}
