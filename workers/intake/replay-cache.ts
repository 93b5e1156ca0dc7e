/**
 * Deliveries that were taken in, so that a second one like it is known without opening it. It is of this process and of
 * bounded size: what outlives both is the inbox's unique key of an episode, so a forgotten replay becomes a repeat there.
 */
import { createHash } from 'node:crypto';
import { hours } from '../../workflows/domain/time.js';

export interface ReplayCache {
  has(key: string, nowMs: number): boolean;
  /** Only once it is committed: a delivery we could not take in must come again. */
  add(key: string, nowMs: number): void;
  readonly size: () => number;
}

/** About 1 MiB; the oldest go first. */
const sizeMax = 10_000;
/** Longer than any scheme's window, to either side of it. */
const keptMs = hours(2);

export function createReplayCache(bounds = { sizeMax, keptMs }): ReplayCache {
  const untilMs = new Map<string, number>();
  const forget = (nowMs: number): void => {
    for (const [key, until] of untilMs) {
      if (until > nowMs && untilMs.size < bounds.sizeMax) return;
      untilMs.delete(key);
    }
  };
  return {
    has: (key, nowMs) => (untilMs.get(key) ?? 0) > nowMs,
    add(key, nowMs) {
      untilMs.delete(key);
      forget(nowMs);
      untilMs.set(key, nowMs + bounds.keptMs);
    },
    size: () => untilMs.size,
  };
}

/** The id alone would let a sender that repeats ids lose alerts; what is replayed has the same body too. */
export function replayKeyOf(deliveryId: string, body: Buffer): string {
  return createHash('sha256').update(deliveryId).update('\0').update(body).digest('base64');
}
