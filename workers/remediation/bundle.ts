/** The workflow code a worker runs: the bundle built beforehand, never one compiled at start. Checks that its guard is in. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Also given to clients and replay; the SDK loads it by path. */
export const payloadConverterPath = fileURLToPath(
  new URL('../../workflows/converter.cjs', import.meta.url),
);

export interface Bundle {
  readonly codePath: string;
  /** Lower-case hex SHA-256 of the code; it stands beside every ledger line that the code writes. */
  readonly digest: string;
}

/** Throws when the file is missing or was built without the interceptor that keeps effects inside steps. */
export function readBundle(codePath: string): Bundle {
  const code = read(codePath);
  if (!code.includes('effect-outside-step')) {
    throw new Error(`${codePath} was built without its interceptors: build it with npm run build`);
  }
  return { codePath, digest: createHash('sha256').update(code).digest('hex') };
}

function read(codePath: string): string {
  try {
    return readFileSync(codePath, 'utf8');
  } catch {
    throw new Error(`there is no workflow bundle at ${codePath}: build it with npm run build`);
  }
}
