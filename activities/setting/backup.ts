/** The exact bytes of a file before a step changed it, kept until the undo is seen to have worked. It restores nothing itself. */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../workflows/domain/failure.js';
import { codeOf, sha256, syncFolder, type ConfigFile } from './config-file.js';

/** Copies by operation id, in a folder that only we may read: what stands in a configuration file may be secret. */
export class Backups {
  constructor(private readonly folder: string) {}

  /** Resolves once the copy is safe on the disk. The operation's copy of another before-image gives way to it. */
  async keep(operationId: string, { bytes, sha256 }: ConfigFile): Promise<void> {
    if ((await this.find(operationId, sha256)) !== undefined) return;
    const path = this.pathOf(operationId);
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      await rm(`${path}.part`, { force: true });
      await write(`${path}.part`, bytes);
      await rename(`${path}.part`, path);
      await syncFolder(this.folder);
    } catch (thrown) {
      const fix = 'let the worker write to backupFolder, or make room there';
      throw new Failure('refused', `no copy could be kept: ${codeOf(thrown)}: ${fix}`);
    }
  }

  /** Undefined when this operation kept no copy with this hash, which also means that it changed nothing. */
  async find(operationId: string, expectedSha256: string): Promise<Buffer | undefined> {
    try {
      const bytes = await readFile(this.pathOf(operationId));
      return sha256(bytes) === expectedSha256 ? bytes : undefined;
    } catch (thrown) {
      const code = codeOf(thrown);
      if (code === 'ENOENT') return undefined;
      throw new Failure('transient', `the copy in backupFolder could not be read: ${code}`);
    }
  }

  /** For when the undo was seen to have worked; that a copy cannot be removed harms nobody. */
  async forget(operationId: string): Promise<void> {
    await rm(this.pathOf(operationId), { force: true }).catch(() => undefined);
  }

  /** An operation id may hold anything, so its hash is the name. */
  private pathOf(operationId: string): string {
    return join(this.folder, sha256(Buffer.from(operationId)));
  }
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
