/** A remediation worker exactly as in production, but for its adapters: the fleet instead of real systems. */
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { pino } from 'pino';
import { startRemediation } from '../../../workers/remediation.js';
import { readSettings } from '../../../workers/settings.js';
import { fleetAdapters } from '../world/adapters.js';
import { FleetClient } from '../world/fleet-client.js';

/** Runs until SIGTERM; ends the process when it cannot start or its worker broke, as the real one does. */
export async function runWorkerPart(env: NodeJS.ProcessEnv): Promise<void> {
  const log = pino({ name: 'chaos-worker' });
  Runtime.install({ logger: new DefaultLogger('WARN'), shutdownSignals: [] });
  const adapters = fleetAdapters(new FleetClient(env['BELAY_CHAOS_FLEET_URL'] ?? ''));
  try {
    const running = await startRemediation({ settings: readSettings(env), log, adapters });
    process.once('SIGTERM', () => void running.stop());
    await running.ended;
  } catch (error) {
    log.fatal({ err: error }, 'the worker cannot go on');
    process.exit(1);
  }
}
