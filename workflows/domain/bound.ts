/** How far a field of a step's input may go, whether a runbook set it or a person with `modify`; checks values, changes nothing. */
import type { Json } from './json.js';

export type Bound =
  { readonly min: number; readonly max: number } | { readonly oneOf: readonly (string | number)[] };

/** A sentence saying why the value is out of bounds, or undefined when it is within them. */
export function outOfBounds(
  field: string,
  value: Json,
  bound: Bound | undefined,
): string | undefined {
  if (bound === undefined) return `${field} cannot be modified`;
  if ('oneOf' in bound) {
    const allowed = bound.oneOf.some((option) => option === value);
    return allowed ? undefined : `${field} must be one of ${bound.oneOf.join(', ')}`;
  }
  const inRange = typeof value === 'number' && value >= bound.min && value <= bound.max;
  return inRange ? undefined : `${field} must be a number from ${bound.min} to ${bound.max}`;
}

/** The bound in words, for the people who may modify within it. */
export function boundText(bound: Bound): string {
  return 'oneOf' in bound ? `one of ${bound.oneOf.join(', ')}` : `${bound.min} to ${bound.max}`;
}
