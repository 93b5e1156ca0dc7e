/**
 * `belay simulate --policy <folder>`: asks another set of policies what recorded decisions asked, and tells what would change:
 * where it acts more, where less, what it refuses, and how much it would touch. Changes nothing.
 */
import type { Command } from 'commander';
import type { LoadedSet } from '../../activities/policy/set.js';
import { Replay, type Replayed } from '../../activities/policy/replay.js';
import { tracedDecisions } from '../../activities/store/policy-use.js';
import { durationText } from '../../workflows/domain/time.js';
import { addCommand, print, type JsonOption } from './command.js';
import { withDb } from './connections.js';
import { loadedSet, servicesPathOf } from './policy/the-set.js';
import { sinceOption } from './since.js';
import type { Paint, Terminal } from './terminal.js';

interface SimulateOptions extends JsonOption {
  readonly policy: string;
  readonly since: number;
}

export function addSimulate(program: Command, terminal: Terminal): void {
  addCommand(program, {
    usage: 'simulate',
    says: 'Ask another set of policies what recorded runs asked; acts on nothing',
  })
    .requiredOption('--policy <folder>', 'the other set: a folder with services.yaml')
    .addOption(sinceOption('30d'))
    .action(async (options: SimulateOptions) => {
      const set = loadedSet(servicesPathOf(terminal, options));
      const replay = new Replay(set);
      await withDb(terminal, async (db) => {
        for await (const page of tracedDecisions(db, { sinceMs: options.since })) {
          for (const decision of page) replay.take(decision);
        }
      });
      const replayed = replay.result();
      print(terminal, options, {
        document: { sinceMs: options.since, digest: set.digest, ...replayed },
        lines: (paint) => linesOf(replayed, { set, sinceMs: options.since, paint }),
      });
    });
}

/** Enough to see what kind of change it is. */
const shownMax = 20;

interface Showing {
  readonly set: LoadedSet;
  readonly sinceMs: number;
  readonly paint: Paint;
}

function linesOf(replayed: Replayed, { set, sinceMs, paint }: Showing): string[] {
  const { decisions, changes, blast } = replayed;
  if (decisions === 0) return [`no decision of ${durationText(sinceMs)} left its facts`];
  const kinds = [
    ['acts-more', 'acts more', 'yellow'],
    ['acts-less', 'acts less', 'green'],
    ['refuses', 'newly refuses', 'red'],
  ] as const;
  return [
    `set ${set.digest.slice(0, 12)} on ${decisions} decisions of ${durationText(sinceMs)}: ${changes.length} would be others`,
    ...kinds.flatMap(([kind, says, colour]) => {
      const of = changes.filter((change) => change.kind === kind);
      const shown = of.slice(0, shownMax).map((change) => `  ${change.run}  ${change.says}`);
      const more = of.length > shownMax ? [`  and ${of.length - shownMax} more`] : [];
      return [`${paint(colour, says)}: ${of.length}`, ...shown, ...more];
    }),
    `acts alone on ${blast.after.targets} targets in ${blast.after.runs} runs, instead of ` +
      `${blast.before.targets} in ${blast.before.runs}; at most ${blast.after.hourMax} in one hour, ` +
      `instead of ${blast.before.hourMax}`,
  ];
}
