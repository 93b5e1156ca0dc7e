/** The intake as a process of its own, as in production, on an empty database: nothing but it uses the machine while it is measured. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { openDb, type Db } from '../../../activities/store/db.js';
import { nodeFlags } from '../../engine/belay-process.js';
import { projectFolder } from '../../engine/project-folder.js';
import { startChild } from '../../servers/child.js';
import { freePort } from '../../servers/port.js';
import type { Door } from './post.js';

export interface IntakeAlone extends Door {
  readonly pid: number;
  /** Its own database. */
  readonly db: Db;
  stop(): Promise<void>;
}

export interface IntakePlan {
  readonly folder: string;
  readonly databaseUrl: string;
  readonly temporalAddress: string;
}

const readyWithinMs = 60_000;

/** With every setting as it is shipped. Resolves once it takes alerts; throws with the end of its log when it does not. */
export async function startIntakeAlone(plan: IntakePlan): Promise<IntakeAlone> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const token = randomBytes(16).toString('hex');
  const child = await startChild({
    name: 'intake',
    program: process.execPath,
    args: [...nodeFlags(), join(projectFolder(), 'dist/workers/intake.js')],
    env: {
      DATABASE_URL: plan.databaseUrl,
      TEMPORAL_ADDRESS: plan.temporalAddress,
      BELAY_INTAKE_PORT: String(port),
      BELAY_ALERTMANAGER_TOKENS: token,
    },
    logFile: join(plan.folder, 'intake.log'),
    ready: async () => (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok,
    readyWithinMs,
  });
  const db = openDb({ url: plan.databaseUrl, poolMax: 2, name: 'belay-bench' });
  return {
    url,
    token,
    pid: child.pid,
    db,
    async stop() {
      await db.destroy();
      await child.stop();
    },
  };
}
