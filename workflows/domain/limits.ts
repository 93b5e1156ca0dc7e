/** Every bound of the engine, with the reason for its value; runbooks and policies may only go below them. */
import { hours, minutes, seconds } from './time.js';

export const limits = {
  /** Proposals one run may make. A world that moved under 10 of them is not one to repair by script. */
  proposalsMax: 10,
  /** Steps one proposal may hold. A person cannot review more; longer repairs are several runbooks. */
  stepsMax: 50,
  /** What was observed this short ago is still so: a repair nobody waited for does not look twice. Before-images are fenced anyway. */
  freshForMs: seconds(2),
  /** How long a gate may say "not now" before it counts as a refusal. Longer than any step, shorter than an incident. */
  holdMsMax: minutes(10),
  /** Between two looks while a confirmation is awaited, unless the runbook says otherwise: Prometheus' usual scrape is 15 s. */
  confirmEveryMs: seconds(5),
  confirmWithinMs: minutes(5),
  /** A canary must stay well for so long: two of Prometheus' usual scrapes, else it is only not seen to be sick yet. */
  canarySteadyForMs: seconds(30),
  /** Attempts to see the after-image before a step counts as failed, and the pause between them. */
  verifyAttemptsMax: 3,
  verifyEveryMs: seconds(2),
  /** How long a finished repair can still be taken back, and is watched for coming back. */
  undoWindowMs: hours(1),
  /** An escalation chain of more rungs would outlast any incident it is about. */
  rungsMax: 10,
  /** Temporal stores 10,000 signals per run; past this many ours are counted and no longer recorded one by one. */
  messagesMax: 1_000,
  /** Bytes: the server refuses more in a summary and in the current details (its own limits, 400 and 20,000). */
  summaryBytesMax: 400,
  detailsBytesMax: 18_000,
  /** Characters of free text taken from a person or an alert into a record. */
  textMax: 500,
} as const;
