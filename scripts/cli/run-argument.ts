/** From what a person typed to the id of one run: whole, or a beginning that only one run has. Changes nothing. */
import { runsBeginning } from '../../activities/store/read.js';
import type { Db } from '../../activities/store/db.js';
import { misused, refused } from './complaint.js';

export const runArgument = [
  '<run>',
  "the run's id, or a beginning of it that no other run has",
] as const;

const namedMax = 5;

/** Throws a complaint that names the candidates when there is none or more than one. */
export async function findRun(db: Db, typed: string): Promise<string> {
  const found = await runsBeginning(db, requireText(typed), namedMax + 1);
  const [only] = found;
  if (found.includes(typed)) return typed;
  if (only === undefined) {
    throw refused(`no run begins with "${typed}"`, 'belay runs lists them');
  }
  if (found.length === 1) return only;
  const more = found.length > namedMax ? ' and others' : '';
  throw misused(
    `several runs begin with "${typed}" (${found.slice(0, namedMax).join(', ')}${more})`,
    'type more of it',
  );
}

function requireText(typed: string): string {
  if (typed === '') throw misused('the run is empty', 'belay runs lists them');
  return typed;
}
