/** `belay gaps`: alerts that no runbook took, and the command that writes one for each. Reads the store only. */
import type { Command } from 'commander';
import { listGaps, type Gap } from '../../activities/store/gaps.js';
import { durationText } from '../../workflows/domain/time.js';
import { columns } from './columns.js';
import { addCommand, print, type JsonOption } from './command.js';
import { refused } from './complaint.js';
import { withDb } from './connections.js';
import { nextOf } from './gap-next.js';
import { inOrder } from './parse.js';
import { countOf } from './runs.js';
import { sinceMaxMs, sinceOption } from './since.js';
import { jsonLine, type Paint, type Terminal } from './terminal.js';

interface GapsOptions extends JsonOption {
  readonly since: number;
  readonly alert?: string;
  readonly limit: number;
}

export function addGaps(program: Command, terminal: Terminal): void {
  addCommand(program, { usage: 'gaps', says: 'List alerts no runbook took, the frequent first' })
    .addOption(sinceOption('7d'))
    .option(
      '--alert <alertname>',
      'print the newest such alert, as belay parse does; of a year unless --since is given',
    )
    .option('--limit <count>', 'at most so many names', countOf, 50)
    .action(async (given: GapsOptions, command: Command) => {
      const options = { ...given, since: reachOf(given, command) };
      const { since: sinceMs, alert: name, limit } = options;
      const wanted = { sinceMs, limit, ...(name === undefined ? {} : { name }) };
      const gaps = await withDb(terminal, (db) => listGaps(db, wanted));
      if (name === undefined) return say(terminal, options, gaps);
      terminal.out(jsonLine(inOrder(newestOf(gaps, options).alert)));
    });
}

/** A command of last week's list, or report, still finds its alert: by name it looks back as far as it may. */
function reachOf({ since, alert }: GapsOptions, command: Command): number {
  const isUsual = command.getOptionValueSource('since') === 'default';
  return alert !== undefined && isUsual ? sinceMaxMs : since;
}

function newestOf([gap]: readonly Gap[], { alert, since }: GapsOptions): Gap {
  if (gap !== undefined) return gap;
  const within = durationText(since);
  throw refused(`no alert ${alert ?? ''} went unmatched in ${within}`, 'belay gaps lists what did');
}

function say(terminal: Terminal, options: GapsOptions, gaps: readonly Gap[]): void {
  print(terminal, options, {
    document: { sinceMs: options.since, gaps: gaps.map(documentOf) },
    lines: (paint) => table(gaps, options, paint),
  });
}

function documentOf(gap: Gap): object {
  const { name, services, episodes, messages, firstSeenAt, lastSeenAt, alert, why } = gap;
  return {
    ...{ alert: name, source: alert.source, services, episodes, messages },
    firstSeenAt: firstSeenAt.toISOString(),
    lastSeenAt: lastSeenAt.toISOString(),
    why,
    ...nextOf(gap),
  };
}

function table(gaps: readonly Gap[], { since }: GapsOptions, paint: Paint): string[] {
  if (gaps.length === 0) return [`no gaps: a runbook took every alert of ${durationText(since)}`];
  const nowMs = Date.now();
  const head = ['ALERT', 'SERVICES', 'EPISODES', 'LAST SEEN', 'NEXT'];
  const rows = gaps.map((gap) => [
    gap.name,
    String(gap.services),
    String(gap.episodes),
    `${durationText(nowMs - gap.lastSeenAt.getTime())} ago`,
    nextText(gap, paint),
  ]);
  return columns([head.map((title) => paint('dim', title)), ...rows]);
}

function nextText(gap: Gap, paint: Paint): string {
  const { takenBy, command, says } = nextOf(gap);
  if (takenBy !== null) return paint('green', `${takenBy} takes it by now`);
  return command ?? paint('yellow', says ?? '');
}
