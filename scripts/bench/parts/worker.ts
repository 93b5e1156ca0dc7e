/**
 * A remediation worker exactly as in production, but for its adapters: the sink instead of real systems. Which bundle and
 * which namespace it works for is in its settings. It runs as a process of its own and measures nothing itself.
 */
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { startRemediation } from '../../../workers/remediation.js';
import { readSettings } from '../../../workers/settings.js';
import { openSideDoor } from '../rig/side-door.js';
import { createSink } from '../rig/sink.js';

/** Runs until SIGTERM. Throws when it cannot start or its worker broke. */
export async function runWorkerPart(env: NodeJS.ProcessEnv): Promise<void> {
  const log = pino({ name: 'bench-worker' });
  Runtime.install({ logger: new DefaultLogger('WARN'), shutdownSignals: [] });
  const sink = createSink();
  const settings = readSettings(env);
  const running = await startRemediation({ settings, log, adapters: sink.implementations });
  const door = await openSideDoor(Number(env['BELAY_BENCH_DOOR']), sink);
  process.once('SIGTERM', () => {
    door.closeAllConnections();
    door.close();
    void running.stop();
  });
  await running.ended;
}
