/** Is the alert older than its runbook acts on? An old alert is reported, not acted on. */
import { ageMs } from '../domain/alert.js';
import { durationText, minutes } from '../domain/time.js';
import { pass, refuse } from '../domain/verdict.js';
import type { Gate } from './gate.js';

export const stale: Gate = {
  name: 'stale',
  reason: 'stale',
  judge({ alert, maxAgeMs, nowMs }) {
    const age = ageMs(alert, nowMs);
    if (age <= maxAgeMs) return pass;
    return refuse(
      'stale',
      `the alert began ${durationText(wholeMinutes(age))} ago; this runbook acts within ${durationText(maxAgeMs)}`,
    );
  },
};

/** Senders' clocks differ by seconds: what is said of an age is no finer than that. */
function wholeMinutes(ageInMs: number): number {
  return Math.round(ageInMs / minutes(1)) * minutes(1);
}
