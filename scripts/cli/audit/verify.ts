/** `belay audit verify`: examines the whole ledger and says which line of which run is not as it was sealed. Changes nothing. */
import type { Command } from 'commander';
import { withEvidence } from '../../../activities/audit/database-evidence.js';
import { examine, type Examined } from '../../../activities/audit/examine.js';
import { durationText } from '../../../workflows/domain/time.js';
import { addCommand, print, type JsonOption } from '../command.js';
import { Ended } from '../complaint.js';
import { withDb } from '../connections.js';
import { countOf } from '../runs.js';
import type { Paint, Terminal } from '../terminal.js';
import { keyOf, keyOption, outsideOf, saidOfOutside, type TrustOptions } from './trust.js';

interface VerifyOptions extends JsonOption, TrustOptions {
  readonly checkpoints: number;
}

const checkpointsUsual = 1_000;

export function addVerify(audit: Command, terminal: Terminal): void {
  addCommand(audit, {
    usage: 'verify',
    says: 'Examine every line, leaf and checkpoint of the ledger',
  })
    .option(...keyOption)
    .option(
      '--outside <place...>',
      'where checkpoints are; else BELAY_NOTARY_DESTINATIONS, else that of belay up',
    )
    .option('--checkpoints <count>', 'the newest so many of each place', countOf, checkpointsUsual)
    .action((options: VerifyOptions) => verify(terminal, options));
}

async function verify(terminal: Terminal, options: VerifyOptions): Promise<void> {
  const key = keyOf(terminal, options);
  const outside = outsideOf(terminal, options);
  const startedMs = performance.now();
  const seen = await withDb(terminal, (db, url) =>
    withEvidence(db, { url, key, outside, outsideMax: options.checkpoints }, examine),
  ).catch((error: unknown) => {
    throw saidOfOutside(error);
  });
  const tookMs = performance.now() - startedMs;
  const isProved = seen.flawCount === 0 && (seen.checkpointsOutside > 0 || seen.leaves === 0);
  print(terminal, options, {
    document: {
      ok: isProved,
      ...seen,
      outside: outside.map(({ name }) => name),
      tookMs: Math.round(tookMs),
    },
    lines: (paint) => linesOf(seen, { tookMs, paint, key: key.name }),
  });
  if (!isProved) throw new Ended(1);
}

interface Saying {
  readonly tookMs: number;
  readonly paint: Paint;
  readonly key: string;
}

function linesOf(seen: Examined, { tookMs, paint, key }: Saying): string[] {
  const { flaws, flawCount, lines, leaves, proved } = seen;
  const perSecond = Math.round(Math.max(lines, leaves) / (tookMs / 1000));
  const at =
    proved.size === 0 ? '' : `, signed by ${key} at ${new Date(proved.atMs).toISOString()}`;
  return [
    `${lines} lines, ${leaves} leaves, ${seen.checkpoints} checkpoints (${seen.checkpointsOutside} outside) ` +
      `in ${durationText(tookMs)}, ${perSecond} a second`,
    ...seen.retired.map(
      ({ month, digest }) => `${month} is retired: its export has the digest ${digest}`,
    ),
    ...(seen.waiting > 0 ? [`${seen.waiting} lines wait for the next checkpoint`] : []),
    ...flaws.map(({ kind, says }) => `${paint('red', kind)}  ${says}`),
    ...(flawCount > flaws.length ? [`and ${flawCount - flaws.length} more`] : []),
    ...(seen.checkpointsOutside > 0
      ? []
      : [
          paint('yellow', 'nothing outside the database was compared: name a place with --outside'),
        ]),
    flawCount === 0
      ? paint('green', `every line up to ${proved.size} is as it was sealed${at}`)
      : paint(
          'red',
          `${flawCount} flaws; up to line ${proved.size} the tree is the one that was signed${at}`,
        ),
  ];
}
