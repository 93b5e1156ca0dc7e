/**
 * Whether Temporal is away and when to look again: 1 s, doubling to 30 s, with jitter. It holds no timer and no clock; give it a
 * monotonic one: by the wall's, a clock set back an hour would keep alerts waiting for an hour.
 */
import { seconds } from '../../workflows/domain/time.js';

const firstDelayMs = seconds(1);
const delayMsMax = seconds(30);

export interface Outage {
  /** Failures that come in while we wait already are one outage, not many. */
  begin(nowMs: number): void;
  end(): void;
  /** 0 when there is no outage or it is time to look again. */
  waitMs(nowMs: number): number;
  isOn(): boolean;
}

export function createOutage(random: () => number = Math.random): Outage {
  let looks = 0;
  let untilMs = 0;
  return {
    begin(nowMs) {
      if (nowMs < untilMs) return;
      untilMs = nowMs + backoffMs(looks, random);
      looks += 1;
    },
    end() {
      looks = 0;
      untilMs = 0;
    },
    waitMs: (nowMs) => Math.max(0, untilMs - nowMs),
    isOn: () => looks > 0,
  };
}

/** Jitter of a quarter to either side, so that several processes do not come back in step. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const delayMs = Math.min(delayMsMax, firstDelayMs * 2 ** Math.min(failures, 10));
  return Math.round(delayMs * (0.75 + random() / 2));
}
