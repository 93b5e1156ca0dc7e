/** Once a second takes from the inbox what is due; while Temporal is away it takes one row as a probe. Decides nothing about it. */
import type { Inbox, Pending } from '../../activities/store/inbox.js';
import { messageOf } from '../../workflows/domain/failure.js';
import { seconds } from '../../workflows/domain/time.js';
import type { Outage } from './outage.js';
import type { Log } from './server.js';

export interface SweeperParts {
  readonly inbox: Pick<Inbox, 'due'>;
  readonly outage: Outage;
  /** Resolves when the row was worked on or let go. */
  readonly take: (row: Pending) => Promise<void>;
  readonly log: Log;
}

export interface Sweeper {
  /** Resolves when the sweep under way has ended. */
  stop(): Promise<void>;
}

const everyMs = seconds(1);
/** Claimed at once: two rounds of what may be in flight. */
const rowsMax = 64;

/** Sweeps at once and from then on. */
export function createSweeper(parts: SweeperParts): Sweeper {
  const stopped = new AbortController();
  const swept = sweepOn(parts, stopped.signal);
  return {
    stop() {
      stopped.abort();
      return swept;
    },
  };
}

async function sweepOn(parts: SweeperParts, stopped: AbortSignal): Promise<void> {
  let reachable = true;
  while (!stopped.aborted) {
    try {
      await sweep(parts, stopped);
      reachable = true;
    } catch (error) {
      if (reachable) parts.log.warn({ why: messageOf(error) }, 'the inbox could not be swept');
      reachable = false;
    }
    await pause(Math.max(everyMs, parts.outage.waitMs(performance.now())), stopped);
  }
}

/** Until fewer rows are due than were asked for. */
async function sweep(parts: SweeperParts, stopped: AbortSignal): Promise<void> {
  while (!stopped.aborted && parts.outage.waitMs(performance.now()) === 0) {
    const limit = parts.outage.isOn() ? 1 : rowsMax;
    const rows = await parts.inbox.due(limit);
    await Promise.all(rows.map((row) => parts.take(row)));
    if (rows.length < limit) return;
  }
}

function pause(durationMs: number, stopped: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stopped.aborted) return resolve();
    const finish = (): void => {
      clearTimeout(timer);
      stopped.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, durationMs);
    stopped.addEventListener('abort', finish);
  });
}
