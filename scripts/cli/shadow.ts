/** `belay shadow`: proposals on live alerts beside what people did, and a person's word where the ledger has none. */
import type { Command } from 'commander';
import { noteRun } from '../../activities/store/trust/note.js';
import { shadowRuns, type ShadowRun } from '../../activities/store/trust/shadow.js';
import { wilsonLowerBound } from '../../activities/store/trust/wilson.js';
import { percent } from '../../activities/store/trust/prerequisites.js';
import { hours } from '../../workflows/domain/time.js';
import { columns } from './columns.js';
import { addCommand, print, type JsonOption } from './command.js';
import { misused, refused } from './complaint.js';
import { withDb } from './connections.js';
import { byOption, personOf, type PersonOption } from './person.js';
import { countOf } from './runs.js';
import type { Paint, Terminal } from './terminal.js';

interface NoteOptions extends JsonOption, PersonOption {
  readonly did: string;
  readonly same?: true;
  readonly other?: true;
}

export function addShadow(program: Command, terminal: Terminal): void {
  const shadow = addCommand(program, {
    usage: 'shadow',
    says: 'Compare what was proposed at levels 1 to 3 with what people did',
  })
    .option('--days <count>', 'how far to look back', countOf, 30)
    .action(async (options: JsonOption & { days: number }) => {
      const runs = await withDb(terminal, (db) => shadowRuns(db, hours(24) * options.days));
      const agreement = agreementOf(runs);
      print(terminal, options, {
        document: { agreement, runs },
        lines: (paint) => lines(runs, paint),
      });
    });
  addCommand(shadow, { usage: 'note', says: 'Say what you did by hand in the place of a run' })
    .argument('<run>', 'its id')
    .requiredOption('--did <text>', 'what you did, in your words')
    .option('--same', 'it was what the run proposed')
    .option('--other', 'it was something else')
    .option(...byOption)
    .action((run: string, options: NoteOptions) => note(terminal, run, options));
}

async function note(terminal: Terminal, run: string, options: NoteOptions): Promise<void> {
  if (options.same === options.other) {
    throw misused('it is not said whether that is what was proposed', 'give --same or --other');
  }
  const by = personOf(terminal, options);
  const verdict = options.same === true ? 'same' : 'other';
  await withDb(terminal, async (db) => {
    try {
      await noteRun(db, { run, by, did: options.did, verdict });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw refused(error.message, 'belay shadow lists the runs');
    }
  });
  print(terminal, options, {
    document: { run, by, verdict },
    lines: (paint) => [
      paint('green', `noted: ${by} did ${verdict === 'same' ? 'the same' : 'otherwise'}`),
    ],
  });
}

interface Agreement {
  readonly same: number;
  readonly otherwise: number;
  readonly silent: number;
  /** Lower bound of the share of runs on which people did the same. */
  readonly bound: number;
}

function agreementOf(runs: readonly ShadowRun[]): Agreement {
  const counted = (verdict: ShadowRun['verdict']): number =>
    runs.filter((run) => run.verdict === verdict).length;
  const [same, otherwise] = [counted('same'), counted('otherwise')];
  const bound = wilsonLowerBound(same, same + otherwise);
  return { same, otherwise, silent: runs.length - same - otherwise, bound };
}

function lines(runs: readonly ShadowRun[], paint: Paint): string[] {
  if (runs.length === 0) return ['no run of level 1 to 3 is over'];
  const { same, otherwise, silent, bound } = agreementOf(runs);
  const rows = runs.map(({ run, level, verdict, proposed, did }) => [
    run,
    `level ${level}`,
    paint(verdict === 'otherwise' ? 'yellow' : verdict === 'same' ? 'green' : 'dim', verdict),
    [proposed ?? '', ...did].join(' | '),
  ]);
  const sum = `${same} of ${same + otherwise} the same (at least ${percent(bound)}), ${silent} of which nobody said`;
  return [...columns(rows), '', sum];
}
