/** A worker's small server with nothing on it but what a test of the switch adds. Not ready for anything else. */
import { pino } from 'pino';
import type { Db } from '../../activities/store/db.js';
import type { FileOrders } from '../../activities/store/stop-file.js';
import { startHealth } from '../../workers/health.js';
import { createMetrics } from '../../workers/metrics.js';
import type { addSwitchDoor, SwitchDoor } from '../../workers/switch/door.js';
import { known, type Known } from '../../workflows/domain/verdict.js';

export interface SwitchServed extends Pick<SwitchDoor, 'tokens'> {
  readonly db: Db;
  /** Nothing is stopped by a file unless this says so. */
  readonly fileOrders?: () => Known<FileOrders>;
}

/** Resolves once it listens, on loopback and a free port. */
export function serveSwitch(
  add: typeof addSwitchDoor,
  { fileOrders = () => known([]), ...served }: SwitchServed,
): ReturnType<typeof startHealth> {
  return startHealth({
    host: '127.0.0.1',
    port: 0,
    metrics: createMetrics('test'),
    notReady: () => Promise.resolve(undefined),
    add: (server) => {
      add(server, { ...served, fileOrders, log: pino({ level: 'silent' }) });
    },
  });
}
