/** Which set of policies a command is about: the one given, else the engine's. Loads it, or says in one line what is wrong. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PolicyError } from '../../../activities/policy/parse.js';
import { readSetFilesNow } from '../../../activities/policy/set-files.js';
import {
  compileSet,
  loadSet,
  type CompiledSet,
  type LoadedSet,
} from '../../../activities/policy/set.js';
import { projectFolder } from '../../engine/project-folder.js';
import { refused } from '../complaint.js';
import { reasonOf } from '../reason.js';
import type { Terminal } from '../terminal.js';

export interface SetOption {
  readonly policy?: string;
}

export const setOption = [
  '--policy <folder>',
  'the set: a folder with services.yaml; else BELAY_POLICY_FILE, else policies',
] as const;

/** The path of its services file. */
export function servicesPathOf({ env }: Pick<Terminal, 'env'>, { policy }: SetOption): string {
  const own = 'policies/services.yaml';
  if (policy === undefined) {
    return env['BELAY_POLICY_FILE'] || (existsSync(own) ? own : join(projectFolder(), own));
  }
  const isFolder = existsSync(policy) && statSync(policy).isDirectory();
  return isFolder ? join(policy, 'services.yaml') : policy;
}

/** Ready to answer. Throws a complaint that names file, line and fix. */
export function loadedSet(path: string): LoadedSet {
  return said(() => loadSet(readSetFilesNow(path), `command ${path}`));
}

/** Right by itself, whether it permits nothing, everything or something. */
export function compiledSet(path: string): CompiledSet {
  return said(() => compileSet(readSetFilesNow(path)));
}

/** Errors of policies have their place in them: they are said as they are. */
export function said<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof PolicyError) throw refused(error.message, 'mend it there');
    if (error instanceof Error && 'code' in error) {
      throw refused(reasonOf(error), 'name a folder with a services.yaml by --policy');
    }
    throw error;
  }
}
