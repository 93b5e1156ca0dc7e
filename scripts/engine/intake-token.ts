/** The secret that opens this machine's intake: made once, kept in the state folder for its owner only. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export function tokenFileIn(stateFolder: string): string {
  return join(stateFolder, 'intake-token');
}

/** The same on every start, so that the senders' configuration stays valid. */
export function intakeToken(stateFolder: string): string {
  mkdirSync(stateFolder, { recursive: true });
  const file = tokenFileIn(stateFolder);
  try {
    writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  return readFileSync(file, 'utf8').trim();
}
