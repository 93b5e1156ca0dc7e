/** `belay audit retire`: exports months that are old enough, verifies each export, and lets the months go when a person says yes. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Command } from 'commander';
import { writeBundle } from '../../../activities/audit/bundle.js';
import { verifierKeyText } from '../../../activities/audit/note.js';
import { endOfMonthMs, retainedMs } from '../../../activities/audit/retirement.js';
import {
  monthsOlderThan,
  retireMonth,
  type MonthOfLines,
} from '../../../activities/audit/retire.js';
import type { Db } from '../../../activities/store/db.js';
import { addCommand, print, type JsonOption } from '../command.js';
import { misused, refused } from '../complaint.js';
import { withDb } from '../connections.js';
import { byOption, personOf, type PersonOption } from '../person.js';
import type { Terminal } from '../terminal.js';
import { saidOfBundle, verifierFile } from './export.js';
import { keyOf, keyOption, type TrustOptions } from './trust.js';

interface RetireOptions extends JsonOption, TrustOptions, PersonOption {
  readonly olderThan: number;
  readonly yes?: true;
}

const dayMs = 86_400_000;

export function addRetire(audit: Command, terminal: Terminal): void {
  addCommand(audit, {
    usage: 'retire',
    says: 'Export months that are over for long and take them out of the database',
  })
    .argument('<folder>', 'where the exports go, a folder for each month')
    .option(...keyOption)
    .option('--older-than <days>', 'since the end of the month; at least 90d', daysOf, retainedMs)
    .option('--yes', 'let them go once their export is verified; else only say what would')
    .option(...byOption)
    .action((folder: string, options: RetireOptions) => retire(terminal, folder, options));
}

function daysOf(text: string): number {
  const [, count = ''] = /^(\d{1,5})d$/.exec(text) ?? [];
  const ms = Number(count || Number.NaN) * dayMs;
  if (!(ms >= retainedMs)) throw misused(`"${text}" is too short or no time`, 'give 90d or more');
  return ms;
}

async function retire(terminal: Terminal, folder: string, options: RetireOptions): Promise<void> {
  const key = keyOf(terminal, options);
  const by = personOf(terminal, options);
  const nowMs = Date.now();
  const did = await withDb(terminal, async (db) => {
    const months = await monthsOlderThan(db, { olderThanMs: options.olderThan, nowMs });
    if (options.yes !== true) return months;
    for (const month of months)
      await retireOne(db, { month, by, folder: join(folder, month.month), key });
    return months;
  });
  const gone = options.yes === true;
  print(terminal, options, {
    document: { retired: gone, months: did.map(({ month, lines }) => ({ month, lines })) },
    lines: (paint) => [
      ...did.map(
        ({ month, lines }) => `${month}  ${lines} lines${gone ? ' exported and gone' : ''}`,
      ),
      did.length === 0
        ? 'no month is old enough'
        : paint(
            'yellow',
            gone ? `keep ${folder}: it is all there is of them` : 'add --yes to let them go',
          ),
    ],
  });
}

interface Retiring {
  readonly month: MonthOfLines;
  readonly by: string;
  readonly folder: string;
  readonly key: ReturnType<typeof keyOf>;
}

async function retireOne(db: Db, { month, by, folder, key }: Retiring): Promise<void> {
  if (month.unsealed > 0)
    throw refused(
      `${month.unsealed} lines of ${month.month} are not sealed`,
      'see that the notary runs',
    );
  const [year, number] = month.month.split('-').map(Number);
  const selection = {
    sinceMs: Date.UTC(year ?? 0, (number ?? 1) - 1, 1),
    untilMs: endOfMonthMs(month.month),
  };
  const plan = { db, key, folder, selection, verifierFile: verifierFile() };
  const bundle = await writeBundle(plan).catch((error: unknown) => {
    throw saidOfBundle(error);
  });
  const args = [join(folder, 'verify.mjs'), folder, '--key', verifierKeyText(key)];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw refused(`the export in ${folder} does not verify`, stderr.trim());
  await retireMonth(db, { month, bundle, by }).catch((error: unknown) => {
    const { code } = Object(error) as { code?: unknown };
    if (code === '42501')
      throw refused('this role does not own the ledger', 'connect as its owner');
    throw error;
  });
}
