/**
 * A run's clock as its history tells it: it moves only by what a call's answer brought along. Reads no clock itself.
 *
 * The clock of a Temporal workflow is no ground for a decision. A workflow task that its local activities keep alive beyond its
 * timeout is continued in a new one, and a replay reads all of them as one task that began when the last of them did: what
 * was decided in the first by the hour is decided otherwise.
 */
import type { Told } from './actions/clock.js';

export class RecordedClock {
  constructor(private atMs: number) {}

  now(): number {
    return this.atMs;
  }

  /** Takes the time out of an answer and hands the rest on. Never goes back: answers side by side come in any order. */
  heard(told: unknown): unknown {
    const { answer, atMs } = told as Told;
    this.atMs = Math.max(this.atMs, atMs);
    return answer;
  }
}
