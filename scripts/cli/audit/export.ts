/** `belay audit export`: a folder with entries and their proof that anybody can verify without Belay. Writes only there. */
import { join } from 'node:path';
import type { Command } from 'commander';
import { BundleError, writeBundle, type Selection } from '../../../activities/audit/bundle.js';
import { TreeBroken } from '../../../activities/audit/tree.js';
import { NoteError } from '../../../activities/audit/note.js';
import { projectFolder } from '../../engine/project-folder.js';
import { addCommand, print, type JsonOption } from '../command.js';
import { misused, refused } from '../complaint.js';
import { withDb } from '../connections.js';
import type { Terminal } from '../terminal.js';
import { keyOf, keyOption, type TrustOptions } from './trust.js';

interface ExportOptions extends JsonOption, TrustOptions {
  readonly run?: string;
  readonly service?: string;
  readonly since?: number;
  readonly until?: number;
}

const durations = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

export function addExport(audit: Command, terminal: Terminal): void {
  addCommand(audit, {
    usage: 'export',
    says: 'Write entries with the proof that they are in the signed ledger',
  })
    .argument('<folder>', 'a new folder')
    .option(...keyOption)
    .option('--run <run>', 'only those of this run')
    .option('--service <service>', 'only those of this service')
    .option(
      '--since <time>',
      'recorded at it or later: a date, or how long ago, such as 30d',
      momentOf,
    )
    .option('--until <time>', 'recorded before it', momentOf)
    .action((folder: string, options: ExportOptions) => exportTo(terminal, folder, options));
}

/** Unix milliseconds. Throws the complaint that says what a time looks like. */
export function momentOf(text: string): number {
  const [, count, unit] = /^(\d{1,5})([mhd])$/.exec(text) ?? [];
  if (unit !== undefined)
    return Date.now() - Number(count) * durations[unit as keyof typeof durations];
  const atMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs))
    throw misused(`"${text}" is no time`, 'give 2026-11-21, 2026-11-21T10:00Z, or 30d');
  return atMs;
}

export const verifierFile = (): string => join(projectFolder(), 'scripts/audit/verify-bundle.mjs');

async function exportTo(terminal: Terminal, folder: string, options: ExportOptions): Promise<void> {
  const key = keyOf(terminal, options);
  const { run, service, since, until } = options;
  const selection: Selection = {
    ...(run === undefined ? {} : { run }),
    ...(service === undefined ? {} : { service }),
    ...(since === undefined ? {} : { sinceMs: since }),
    ...(until === undefined ? {} : { untilMs: until }),
  };
  const plan = { key, folder, selection, verifierFile: verifierFile() };
  const made = await withDb(terminal, (db) => writeBundle({ db, ...plan })).catch(
    (error: unknown) => {
      throw saidOfBundle(error);
    },
  );
  print(terminal, options, {
    document: { folder, entries: made.entries, size: made.checkpoint.size, digest: made.digest },
    lines: (paint) => [
      paint('green', `${made.entries} entries are in ${folder}`),
      `  node ${join(folder, 'verify.mjs')} ${folder} --key ${options.key ?? '<the key as you know it>'}`,
    ],
  });
}

/** Refusals of the export in the words of the command line. */
export function saidOfBundle(error: unknown): unknown {
  if (error instanceof BundleError) {
    const [what = '', ...fix] = error.message.split(': ');
    return refused(what, fix.join(': '));
  }
  if (error instanceof TreeBroken || error instanceof NoteError)
    return refused(error.message, 'belay audit verify says what is wrong');
  return error;
}
