/** Reads the files of a policy set, and tells cheaply whether one of them changed. Understands none of them. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { SetFile } from './cedar.js';
import { PolicyError } from './parse.js';
import { approvedFile, schemaFile, type SetFiles } from './set.js';

/** Sets of extreme policies that a person accepted: one digest a line, written by `belay policy check --yes`. */
export const acceptedFile = 'accepted';
/** More files than this are no set that people review. */
const filesMax = 200;

/** The services file, and everything beside it that belongs to the set, in the order of names. */
function pathsOf(servicesPath: string): string[] {
  const folder = dirname(servicesPath);
  const beside = readdirSync(folder).filter((name) => !name.startsWith('.') && belongs(name));
  if (beside.length > filesMax) {
    throw new PolicyError(`${folder}: more than ${filesMax} files of policies`);
  }
  return [servicesPath, ...beside.toSorted().map((name) => join(folder, name))];
}

function belongs(name: string): boolean {
  return name.endsWith('.cedar') || [approvedFile, schemaFile, acceptedFile].includes(name);
}

/**
 * Another text when a file came, went or changed; the inode too, since editors replace files by renaming. Looked at before
 * each decision, so it does not wait for a thread of its own: some ten microseconds a file.
 */
export function stampOf(servicesPath: string): string {
  return pathsOf(servicesPath)
    .map((path) => {
      const { mtimeMs, size, ino } = statSync(path);
      return `${path} ${mtimeMs}/${size}/${ino}`;
    })
    .join('\n');
}

/** Throws when one of them cannot be read. */
export async function readSetFiles(servicesPath: string): Promise<SetFiles> {
  const paths = pathsOf(servicesPath);
  const files = await Promise.all(
    paths.map(async (name): Promise<SetFile> => ({ name, text: await readFile(name, 'utf8') })),
  );
  return filesOf(files, servicesPath);
}

/** The same for commands, which have nothing else to do meanwhile. */
export function readSetFilesNow(servicesPath: string): SetFiles {
  const paths = pathsOf(servicesPath);
  const files = paths.map((name) => ({ name, text: readFileSync(name, 'utf8') }));
  return filesOf(files, servicesPath);
}

/** What lies in a folder of the set under this ending, in the order of names; none where there is no such folder. */
export function readFolder(servicesPath: string, folder: string, ending: string): SetFile[] {
  return readFolderAt(join(dirname(servicesPath), folder), ending);
}

/** The same for a folder anywhere. */
export function readFolderAt(path: string, ending: string): SetFile[] {
  if (!existsSync(path)) return [];
  const names = readdirSync(path).filter((name) => name.endsWith(ending));
  return names.toSorted().map((name) => {
    return { name: join(path, name), text: readFileSync(join(path, name), 'utf8') };
  });
}

/** From texts by path, wherever they were read: a folder, or a revision. Throws when the services file is not among them. */
export function filesOf(files: readonly SetFile[], servicesPath: string): SetFiles {
  const services = files.find(({ name }) => name === servicesPath);
  if (services === undefined) throw new PolicyError(`${servicesPath}: is not there`);
  const beside = (wanted: string): SetFile | null =>
    files.find(({ name }) => name.slice(name.lastIndexOf('/') + 1) === wanted) ?? null;
  const accepted = beside(acceptedFile)?.text.split('\n') ?? [];
  return {
    services,
    cedar: files.filter(({ name }) => name.endsWith('.cedar')),
    approved: beside(approvedFile),
    schema: beside(schemaFile),
    accepted: accepted.map((line) => line.split(' ')[0] ?? '').filter((digest) => digest !== ''),
  };
}
