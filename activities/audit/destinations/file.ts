/** Checkpoints as files in a folder, best on another machine's disk. A file that is there is never written again. */
import { link, mkdir, open, readdir, readFile, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  DestinationError,
  Forked,
  pathOfSize,
  sizesIn,
  type Destination,
  type Published,
} from '../destination.js';

/** The folder is made when it is not there. */
export function fileDestination(folder: string): Destination {
  const name = `file://${folder}`;
  return {
    name,
    put: (checkpoint) => putFile(folder, checkpoint).catch((error: unknown) => fail(error, folder)),
    async sizes(from) {
      const files = await readdir(folder, { recursive: true }).catch((error: unknown) =>
        codeOf(error) === 'ENOENT' ? [] : fail(error, folder),
      );
      return sizesIn(files, from);
    },
    get: (size) =>
      readFile(join(folder, pathOfSize(size)), 'utf8').catch((error: unknown) =>
        fail(error, folder),
      ),
  };
}

/** Whole and on the disk before it has its name. */
async function putFile(folder: string, { size, note }: Published): Promise<void> {
  const file = join(folder, pathOfSize(size));
  await mkdir(dirname(file), { recursive: true });
  const unfinished = join(dirname(file), `.unfinished-${process.pid}-${size}`);
  await writeDurably(unfinished, note);
  try {
    await link(unfinished, file);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    if ((await readFile(file, 'utf8')) !== note) throw new Forked(file, size);
  } finally {
    await unlink(unfinished);
  }
  await flushed(dirname(file));
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w', 0o644);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function flushed(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const fixes: Readonly<Record<string, string>> = {
  EACCES: 'let the user that runs it write there',
  EPERM: 'let the user that runs it write there',
  EROFS: 'the file system is read-only: name a folder that can be written',
  ENOSPC: 'make room on that disk',
  ENOTDIR: 'name a folder, not a file',
  ENOENT: 'put it back from a copy, or name another folder',
};

function fail(error: unknown, folder: string): never {
  if (error instanceof Forked) throw error;
  const code = codeOf(error) ?? 'unknown';
  const what = `checkpoints cannot be kept in ${folder} (${code})`;
  throw new DestinationError(what, fixes[code] ?? 'give a folder that can be written');
}

function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error
    ? String(error.code)
    : undefined;
}
