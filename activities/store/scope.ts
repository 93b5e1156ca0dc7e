/** The scopes a person can stop, as text: `everything`, or `<kind>:<name>`; keeps no switch itself. */
import type { RunRef } from '../../workflows/store.js';
import type { PlannedStep } from '../../workflows/domain/plan.js';

export const scopeKinds = ['service', 'class', 'environment', 'runbook'] as const;
export const everything = 'everything';

/** Every scope that covers this run, widest first. */
export function scopesOf(
  { runbook, alert }: Pick<RunRef, 'runbook' | 'alert'>,
  steps: readonly PlannedStep[],
): string[] {
  const classes = [...new Set(steps.map((step) => `class:${step.actionClass}`))];
  return [
    everything,
    `environment:${alert.environment}`,
    `service:${alert.service}`,
    `runbook:${runbook}`,
    ...classes,
  ];
}

/** Throws a RangeError that lists the forms when the text is no scope: a misspelt stop must not look like one. */
export function requireScope(scope: string): string {
  const [kind = '', ...name] = scope.split(':');
  const named = scopeKinds.some((known) => known === kind) && name.join(':') !== '';
  if (scope === everything || named) return scope;
  const forms = scopeKinds.map((known) => `${known}:<name>`).join(', ');
  throw new RangeError(`"${scope}" is no scope; a scope is ${everything}, ${forms}`);
}
