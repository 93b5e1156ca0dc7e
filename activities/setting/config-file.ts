/**
 * One configuration file on disk: reads it, and replaces it as a whole or not at all. It never follows a symbolic link
 * and never writes anywhere but beside the file it was given.
 */
import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Failure, messageOf } from '../../workflows/domain/failure.js';

export interface ConfigFile {
  readonly bytes: Buffer;
  /** Lower-case hex SHA-256 of the bytes. */
  readonly sha256: string;
  readonly mode: number;
  readonly owner: { readonly uid: number; readonly gid: number };
}

const fileMaxBytes = 1024 * 1024;

/** Refuses, naming place and fix, what is missing, no plain file, a symbolic link or over a mebibyte. */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  const handle = await opened(path);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw refused(path, 'is no plain file', 'name one');
    if (stat.size > fileMaxBytes) throw refused(path, 'is over 1 MiB', 'name a smaller one');
    const bytes = await handle.readFile();
    const owner = { uid: stat.uid, gid: stat.gid };
    return { bytes, sha256: sha256(bytes), mode: stat.mode & 0o7777, owner };
  } finally {
    await handle.close();
  }
}

export interface Replacement {
  readonly path: string;
  /** The file that is replaced; when its bytes are others by now, nothing is written. */
  readonly current: ConfigFile;
  readonly bytes: Uint8Array;
}

/**
 * Puts the bytes in the file's place, with its mode and owner, once they are safe on the disk. A crash leaves the old file
 * or the new one. The file is read again right before; POSIX has no way to close the last microseconds.
 */
export async function replaceFile({ path, current, bytes }: Replacement): Promise<void> {
  const beside = join(dirname(path), `.${basename(path)}.belay-${randomUUID()}`);
  try {
    await writeSafely(beside, bytes, current);
    if ((await readConfigFile(path)).sha256 !== current.sha256) {
      throw new Failure('refused', `${path} was changed by somebody else a moment ago`);
    }
    await rename(beside, path);
  } catch (thrown) {
    await rm(beside, { force: true });
    throw thrown instanceof Failure ? thrown : unwritable(path, thrown);
  }
  await syncFolder(dirname(path)).catch((thrown: unknown) => {
    // In place, but perhaps not for good: the repeat finds it there and goes on.
    throw new Failure('transient', `the folder of ${path} could not be synced: ${codeOf(thrown)}`);
  });
}

async function writeSafely(path: string, bytes: Uint8Array, like: ConfigFile): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.chown(like.owner.uid, like.owner.gid);
    await handle.chmod(like.mode);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a name in the folder, new or replaced, survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Lower-case hex SHA-256. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function opened(path: string): Promise<FileHandle> {
  // Without O_NONBLOCK the opening of a named pipe would wait for ever.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  try {
    return await open(path, flags);
  } catch (thrown) {
    const code = codeOf(thrown);
    if (code === 'ELOOP') throw refused(path, 'is a symbolic link', 'name the file itself');
    if (code === 'ENOENT') throw refused(path, 'does not exist', 'correct the path');
    if (code === 'EACCES') throw refused(path, 'may not be read', 'let the worker read it');
    throw new Failure('transient', `${path} could not be opened: ${code}`);
  }
}

function refused(path: string, what: string, fix: string): Failure {
  return new Failure('refused', `${path} ${what}: ${fix} (services.<service>.file)`);
}

function unwritable(path: string, thrown: unknown): Failure {
  const fix = 'let the worker write the file and its folder';
  return new Failure('failed', `${path} could not be written: ${codeOf(thrown)}: ${fix}`);
}

/** The system's short word for what went wrong, or whatever was thrown as text. */
export function codeOf(thrown: unknown): string {
  const hasCode = typeof thrown === 'object' && thrown !== null && 'code' in thrown;
  return hasCode ? String(thrown.code) : messageOf(thrown);
}
