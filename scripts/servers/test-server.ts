/** Temporal's time-skipping test server: virtual time, in memory, one per test file; not for work that must last. */
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { startChild, type Child } from './child.js';
import { findServer, programOf } from './found.js';
import { freePort, isListening } from './port.js';

export interface TestServerPlan {
  /** Keeps the server's log. */
  readonly dataFolder: string;
  readonly port?: number;
}

export interface TestServer extends Child {
  readonly address: string;
}

/** Why there is no test server here, or undefined when there is one: tests on it are skipped by name with this reason. */
export function testServerAbsence(): string | undefined {
  const found = findServer('testServer');
  return 'absent' in found ? found.absent : undefined;
}

/** Ready when it resolves, which a cold Java makes slow. Throws with the server's log. */
export async function startTestServer(plan: TestServerPlan): Promise<TestServer> {
  const port = plan.port ?? (await freePort());
  const address = `127.0.0.1:${port}`;
  const child = await startChild({
    name: 'the time-skipping test server',
    program: programOf('testServer'),
    args: [String(port), '--enable-time-skipping'],
    logFile: join(plan.dataFolder, 'test-server.log'),
    ready: async () => (await isListening(port)) && connects(address),
    readyWithinMs: 60_000,
  });
  return { address, ...child };
}

async function connects(address: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: 2000 });
  await connection.close();
  return true;
}
