/**
 * Moves the backlog into the inbox and hands on what it moved, leaving room for the commits that senders wait for. Acknowledges
 * nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Backlog } from '../../activities/store/backlog.js';
import { messageOf } from '../../workflows/domain/failure.js';
import { seconds } from '../../workflows/domain/time.js';
import type { Handed } from './dispatcher.js';
import type { Log } from './server.js';

export interface UnpackerParts {
  readonly backlog: Pick<Backlog, 'unpack'>;
  readonly hand: (rows: readonly Handed[]) => void;
  readonly log: Log;
}

export interface Unpacker {
  /** Something was kept just now: senders are being answered, and there is work for afterwards. */
  kept(): void;
  /** Resolves when the move under way has ended. */
  stop(): Promise<void>;
}

/** Also finds what a process left that was killed. */
const everyMs = seconds(1);
/** A flood is on for so long after the latest alerts of it. */
const floodMs = seconds(0.5);
/** During a flood it rests so many times as long as it worked: senders give up sooner than alerts grow stale. */
const restsInFlood = 9;

/** Looks at once and then every second; without rest while there is something and no flood. */
export function createUnpacker(parts: UnpackerParts): Unpacker {
  const stopping = new AbortController();
  let keptAtMs = Number.NEGATIVE_INFINITY;
  const restMs = (workedMs: number): number => {
    return performance.now() - keptAtMs < floodMs ? workedMs * restsInFlood : 0;
  };
  const running = run(parts, stopping.signal, restMs);
  return {
    kept() {
      keptAtMs = performance.now();
    },
    stop() {
      stopping.abort();
      return running;
    },
  };
}

async function run(
  parts: UnpackerParts,
  stopping: AbortSignal,
  restMs: (workedMs: number) => number,
): Promise<void> {
  let works = true;
  while (!stopping.aborted) {
    const startedMs = performance.now();
    let pauseMs = everyMs;
    try {
      const moved = await turn(parts);
      if (moved > 0) pauseMs = restMs(performance.now() - startedMs);
      works = true;
    } catch (error) {
      if (works) parts.log.warn({ why: messageOf(error) }, 'the backlog cannot be unpacked');
      works = false;
    }
    await sleep(pauseMs, undefined, { signal: stopping, ref: false }).catch(() => undefined);
  }
}

async function turn({ backlog, hand }: UnpackerParts): Promise<number> {
  const unpacked = await backlog.unpack();
  hand(
    unpacked.flatMap(({ alert, receivedAtMs, taken: { id, isNew, behind, held } }) => {
      return isNew && !held ? [{ id, alert, behind, receivedAtMs, attempts: 0 }] : [];
    }),
  );
  return unpacked.length;
}
