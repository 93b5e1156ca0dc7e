/** `belay parse`: a sender's body as normalised alerts, one JSON object a line. Needs no server and sends nothing. */
import type { Command } from 'commander';
import type { Alert } from '../../workflows/domain/alert.js';
import { nameOf, readBody, sourceNames, understood } from './alert-source.js';
import { addCommand } from './command.js';
import { misused } from './complaint.js';
import { jsonLine, type Terminal } from './terminal.js';

export function addParse(program: Command, terminal: Terminal): void {
  addCommand(program, {
    usage: 'parse',
    says: "Print a sender's body as normalised alerts, one JSON object a line",
    json: 'the same: it always prints JSON lines',
  })
    .argument('<source>', `whose format it is: ${sourceNames.join(', ')}`)
    .argument('[file]', 'the body; - or nothing reads what is piped in')
    .action(async (source: string, file: string | undefined) => {
      if (!sourceNames.includes(source)) {
        throw misused(`there is no source "${source}"`, `give one of ${sourceNames.join(', ')}`);
      }
      const body = await readBody(terminal, file);
      const parsed = understood(body, { file, source });
      if (parsed.kind === 'alerts') {
        for (const alert of parsed.alerts) terminal.out(jsonLine(inOrder(alert)));
      } else terminal.err(`no alert in ${nameOf({ file })}: ${parsed.why}`);
    });
}

/** The order of the fields is part of the output: two versions of Belay can be compared line by line. */
export function inOrder(alert: Alert): Alert {
  const { source, fingerprint, name, status, severity, startsAt, endsAt } = alert;
  const { service, environment, labels, annotations, link } = alert;
  return {
    ...{ source, fingerprint, name, status, severity, startsAt, endsAt },
    ...{ service, environment, labels, annotations, link },
  };
}
