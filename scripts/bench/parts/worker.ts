/**
 * A remediation worker exactly as in production, but for its adapters: the sink instead of real systems. With a secret for
 * alerts the intake is in the process too, as under `belay up`. It measures nothing itself.
 */
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { startBoth } from '../../../workers/engine.js';
import { startRemediation } from '../../../workers/remediation.js';
import { readSettings } from '../../../workers/settings.js';
import { openSideDoor } from '../rig/side-door.js';
import { createForgetfulSink, createSink } from '../rig/sink.js';

/** Runs until SIGTERM. Throws when it cannot start or its worker broke. */
export async function runWorkerPart(env: NodeJS.ProcessEnv): Promise<void> {
  const log = pino({ name: 'bench-worker' });
  Runtime.install({ logger: new DefaultLogger('WARN'), shutdownSignals: [] });
  const sink = env['BELAY_BENCH_WORLD'] === 'forgetful' ? createForgetfulSink() : createSink();
  const settings = readSettings(env);
  const options = { settings, log, adapters: sink.implementations };
  const takesAlerts = (settings.intake.secrets['alertmanager']?.tokens.length ?? 0) > 0;
  const running = takesAlerts ? await startBoth(options) : await alone(options);
  const door = await openSideDoor(Number(env['BELAY_BENCH_DOOR']), sink);
  process.once('SIGTERM', () => {
    door.closeAllConnections();
    door.close();
    void running.stop();
  });
  await running.remediation.ended;
}

async function alone(options: Parameters<typeof startRemediation>[0]) {
  const remediation = await startRemediation(options);
  return { remediation, stop: () => remediation.stop() };
}
