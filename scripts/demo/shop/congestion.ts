/** How an upstream with a limited capacity collapses under more requests than it can take. Pure, but for its own memory. */

/** Counted over the last second, so the capacity is in requests per second. */
const windowMs = 1000;
/** It takes a whole second at or below its capacity to recover; a short stall of its callers is no recovery. */
const recoveryMs = 1000;

/**
 * Every request costs something, the rejected ones too: above the capacity all are rejected, and it stays so until the
 * arrivals have stayed within the capacity for a second. That is why retries keep it down after the fault is gone.
 */
export class Congestion {
  private readonly arrivalsMs: number[] = [];
  private overloadedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly perSecond: number) {}

  /** True when the request that arrives now is served. */
  admits(nowMs: number): boolean {
    this.arrivalsMs.push(nowMs);
    while ((this.arrivalsMs[0] ?? nowMs) <= nowMs - windowMs) this.arrivalsMs.shift();
    if (this.arrivalsMs.length > this.perSecond) this.overloadedUntilMs = nowMs + recoveryMs;
    return nowMs >= this.overloadedUntilMs;
  }
}
