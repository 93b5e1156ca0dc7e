/** What a runbook may ask of the monitors: is the alert over, does a query hold, does a probe answer. Contracts only. */
import type { Alert } from '../domain/alert.js';
import { minutes, seconds } from '../domain/time.js';
import { defineFact, type Check, type Health } from './action.js';

const reading = { timeoutMs: seconds(5), attemptsMax: 3 } as const;
const sampled = { maxAgeMs: minutes(1), dated: 'sample', whenFlawed: 'refuse' } as const;

/** Well when neither Alertmanager nor Prometheus shows this alert firing any more. */
export const alertCleared: Check<{ alert: Alert }> = defineFact<{ alert: Alert }, Health>({
  name: 'monitor.alert-cleared',
  ...reading,
});

/** Well when the service's probe address (from the worker's settings) answers 2xx. */
export const probeAnswers: Check<{ service: string }> = defineFact<{ service: string }, Health>({
  name: 'monitor.probe',
  ...reading,
});

/**
 * Well when a PromQL query gives exactly one sample and it is below the limit; no sample is not well, nor is one that is older
 * than a minute.
 */
export const queryBelow: Check<{ query: string; limit: number }> = defineFact<
  { query: string; limit: number },
  Health
>({
  name: 'monitor.query-below',
  ...reading,
  telemetry: { requires: ['well'], ...sampled },
});

/** One number and when it was sampled, Unix milliseconds. */
export interface Measured {
  readonly value: number;
  readonly observedAtMs: number;
}

/**
 * The one sample a PromQL selector gives, for decisions: it must be of the last minute unless the decision says otherwise. Fails
 * when there is none or several. Of an expression Prometheus tells no age but its own, so a selector, or a recording rule's name,
 * is what to ask for.
 */
export const measure = defineFact<{ query: string }, Measured>({
  name: 'monitor.measure',
  ...reading,
  telemetry: { requires: ['value'], ...sampled },
});
