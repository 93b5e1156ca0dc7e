/** The intake as it is in production, as a child of the bench. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { projectFolder } from '../../engine/project-folder.js';
import { startChild, type Child } from '../../servers/child.js';
import { freePort } from '../../servers/port.js';
import type { Door } from './post.js';

/** Resolves once it takes alerts. */
export async function startIntakePart(
  folder: string,
  env: Readonly<Record<string, string>>,
): Promise<Door & Child> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const token = randomBytes(16).toString('hex');
  const child = await startChild({
    name: 'intake',
    program: process.execPath,
    args: [join(projectFolder(), 'dist/workers/intake.js')],
    env: { ...env, BELAY_INTAKE_PORT: String(port), BELAY_ALERTMANAGER_TOKENS: token },
    logFile: join(folder, 'intake.log'),
    ready: async () => (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok,
  });
  return { url, token, ...child };
}
