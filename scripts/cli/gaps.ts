/** `belay gaps`: alerts that no runbook took, and the command that writes one for each. Reads the store only. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { listGaps, type Gap } from '../../activities/store/gaps.js';
import { runbooks } from '../../runbooks/index.js';
import { route, runbookLabel } from '../../workflows/domain/routing.js';
import { durationText, hours, minutes } from '../../workflows/domain/time.js';
import { columns } from './columns.js';
import { addCommand, print, type JsonOption } from './command.js';
import { refused } from './complaint.js';
import { withDb } from './connections.js';
import { inOrder } from './parse.js';
import { countOf } from './runs.js';
import { jsonLine, type Paint, type Terminal } from './terminal.js';

interface GapsOptions extends JsonOption {
  readonly since: number;
  readonly alert?: string;
  readonly limit: number;
}

const unitMs: Readonly<Record<string, number>> = { m: minutes(1), h: hours(1), d: hours(24) };
const sinceMaxMs = hours(366 * 24);
const weekMs = hours(7 * 24);

const sinceOption = new Option('--since <duration>', 'how far to look back, such as 12h or 30d')
  .argParser(sinceMsOf)
  .default(weekMs, '7d');

export function addGaps(program: Command, terminal: Terminal): void {
  addCommand(program, { usage: 'gaps', says: 'List alerts no runbook took, the frequent first' })
    .addOption(sinceOption)
    .option('--alert <alertname>', 'print the newest such alert, as belay parse does')
    .option('--limit <count>', 'at most so many names', countOf, 50)
    .action(async (options: GapsOptions) => {
      const { since: sinceMs, alert: name, limit } = options;
      const wanted = { sinceMs, limit, ...(name === undefined ? {} : { name }) };
      const gaps = await withDb(terminal, (db) => listGaps(db, wanted));
      if (name === undefined) return say(terminal, options, gaps);
      terminal.out(jsonLine(inOrder(newestOf(gaps, options).alert)));
    });
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

interface Next {
  /** The runbook that takes such an alert by now. */
  readonly takenBy: string | null;
  /** Writes a runbook for it; null where another one is not what is missing. */
  readonly command: string | null;
  /** What is, where no command is given. */
  readonly says: string | null;
}

/** By the runbooks there are now: the alert was judged by those there were then. */
function nextOf({ name, alert }: Gap): Next {
  const { runbook, why, considered } = route(runbooks, alert);
  if (runbook !== null) return { takenBy: runbook, command: null, says: null };
  const named = alert.labels[runbookLabel];
  const meant = considered.some((entry) => entry.matches || entry.runbook === named);
  if (meant) return { takenBy: null, command: null, says: why };
  const command = `belay gaps --alert ${shellWord(name)} | belay new runbook --from-alert -`;
  return { takenBy: null, command, says: null };
}

function nextText(gap: Gap, paint: Paint): string {
  const { takenBy, command, says } = nextOf(gap);
  if (takenBy !== null) return paint('green', `${takenBy} takes it by now`);
  return command ?? paint('yellow', says ?? '');
}

/** A name is hostile text and this is to be pasted into a shell: anything but plain letters stands between quotes. */
function shellWord(text: string): string {
  return /^[\w.:][\w.:-]*$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** For commander, which turns the error into wrong usage. */
function sinceMsOf(text: string): number {
  const [, count, unit] = /^(\d{1,6})([mhd])$/.exec(text) ?? [];
  const sinceMs = Number(count) * (unitMs[unit ?? ''] ?? NaN);
  if (sinceMs > 0 && sinceMs <= sinceMaxMs) return sinceMs;
  throw new InvalidArgumentError('give minutes, hours or days, such as 90m, 12h or 30d');
}
