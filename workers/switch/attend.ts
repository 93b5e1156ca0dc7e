/** What a worker does about the switch when it starts: puts the rules in force, sees to the folder of its file, and listens. */
import { mkdir, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import { writeBareLine } from '../../activities/store/bare-line.js';
import type { Db } from '../../activities/store/db.js';
import { setResumeRules } from '../../activities/store/resume.js';
import type { FileOrders } from '../../activities/store/stop-file.js';
import { watchSwitch, type SwitchWatch } from '../../activities/store/stop-watch.js';
import type { Settings } from '../settings.js';
import { readResumeRules } from './policy.js';

/** Throws when the rules are wrong or the stop file has no folder: a worker that could not be stopped must not start. */
export async function attendSwitch(
  db: Db,
  { settings, log }: { readonly settings: Settings; readonly log: Logger },
): Promise<SwitchWatch> {
  const rules = readResumeRules(settings.switchPolicyFile);
  if (rules !== undefined) await setResumeRules(db, rules);
  await requireFolder(settings);
  return watchSwitch({
    url: settings.databaseUrl,
    file: settings.stopFile,
    onFileTurned: (orders) => {
      const says = sentenceOf(orders, settings.stopFile);
      log.warn({ orders }, says);
      const detail = { turned: 'file', host: hostname(), file: settings.stopFile, orders };
      const line = { kind: 'switch' as const, actor: 'belay', says, detail };
      writeBareLine(db, line).catch((error: unknown) => {
        log.error({ err: error }, 'the turn of the stop file is not in the ledger');
      });
    },
  });
}

/** The state folder is ours to make; one that a setting names is its owner's, and a misspelt one would never stop anything. */
async function requireFolder({ stateFolder, stopFile }: Settings): Promise<void> {
  const folder = dirname(stopFile);
  if (folder === stateFolder || folder === dirname(`${stateFolder}/stop`)) {
    await mkdir(folder, { recursive: true });
    return;
  }
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  throw new Error(`BELAY_STOP_FILE is not usable: its folder ${folder} is not there; create it`);
}

function sentenceOf(orders: FileOrders, file: string): string {
  if (orders.length === 0) return `the file ${file} on ${hostname()} stops nothing any more`;
  const scopes = [...new Set(orders.map(({ scope }) => scope))].join(', ');
  return `the file ${file} on ${hostname()} stops ${scopes}: ${orders[0]?.why ?? ''}`;
}
