/** `belay policy check`: whether a set can come into force; with --yes a person accepts one that permits nothing or everything. */
import { appendFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { acceptedFile, readSetFilesNow } from '../../../activities/policy/set-files.js';
import { ExtremeSet, loadSet, type LoadedSet } from '../../../activities/policy/set.js';
import { print, type JsonOption } from '../command.js';
import { refused } from '../complaint.js';
import { personOf } from '../person.js';
import type { Paint, Terminal } from '../terminal.js';
import { said, servicesPathOf, type SetOption } from './the-set.js';

export interface CheckOptions extends JsonOption, SetOption {
  readonly yes?: true;
}

export function check(terminal: Terminal, options: CheckOptions): void {
  const path = servicesPathOf(terminal, options);
  const set = said(() => loadOrAccept(terminal, path, options));
  const { digest, release, rules, table } = set;
  const services = Object.keys(table.services).length;
  print(terminal, options, {
    document: { path, digest, release, policies: rules.length, services },
    lines: (paint) => linesOf(set, path, paint),
  });
}

function loadOrAccept(terminal: Terminal, path: string, { yes }: CheckOptions): LoadedSet {
  try {
    return loadSet(readSetFilesNow(path), `command ${path}`);
  } catch (error) {
    if (!(error instanceof ExtremeSet)) throw error;
    if (yes !== true) throw refused(error.message, 'a set like this is rarely meant');
    const who = personOf(terminal, {});
    const day = new Date().toISOString().slice(0, 10);
    const line = `${error.digest} permits ${error.extreme}; ${who} ${day}\n`;
    appendFileSync(join(dirname(path), acceptedFile), line);
    return loadSet(readSetFilesNow(path), `command ${path}`);
  }
}

function linesOf(
  { digest, release, rules, table }: LoadedSet,
  path: string,
  paint: Paint,
): string[] {
  const services = Object.keys(table.services).length;
  const called = release === null ? '' : `, release ${release}`;
  return [
    `${paint('green', 'valid')} ${path}: ${rules.length} policies, ${services} services${called}`,
    paint('dim', `digest ${digest}`),
  ];
}
