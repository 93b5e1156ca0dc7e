/**
 * The file in which a running `belay up` leaves its addresses, so that the command line in another terminal finds them.
 * It holds secrets: only its owner may read it, and nothing of it is ever printed.
 */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const shape = z.object({
  v: z.literal(1),
  /** The process that runs it all; when it is gone the addresses are worth nothing. */
  pid: z.number().int().positive(),
  temporalAddress: z.string(),
  namespace: z.string(),
  uiUrl: z.string().nullable(),
  /** Carries the password. */
  databaseUrl: z.string(),
  intakeUrl: z.string(),
  /** Opens the intake. */
  token: z.string(),
});

export type UpFile = z.infer<typeof shape>;

export function upFileIn(stateFolder: string): string {
  return join(stateFolder, 'up.json');
}

/** Whole or not at all, readable by its owner only. */
export function writeUpFile(stateFolder: string, content: UpFile): void {
  mkdirSync(stateFolder, { recursive: true });
  const file = upFileIn(stateFolder);
  const unfinished = `${file}.${process.pid}`;
  writeFileSync(unfinished, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, file);
}

export function removeUpFile(stateFolder: string): void {
  rmSync(upFileIn(stateFolder), { force: true });
}

/** Undefined when there is none, when it is no such file, or when the process that wrote it is gone. */
export function readUpFile(stateFolder: string): UpFile | undefined {
  try {
    const read: unknown = JSON.parse(readFileSync(upFileIn(stateFolder), 'utf8'));
    const parsed = shape.safeParse(read);
    return parsed.success && isAlive(parsed.data.pid) ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
