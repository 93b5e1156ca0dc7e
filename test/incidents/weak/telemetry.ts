/** Answers whose age nobody looks at. For tests only. */
import type { CallFunction } from '../../../activities/effects.js';
import { measure } from '../../../workflows/actions/monitor.js';
import type { Weakness } from '../incident.js';
import { wrapping } from './calls.js';

/** Every number is of now. */
export function agesUntold(): Weakness {
  const calls = wrapping(
    (name) => name === measure.name,
    (call): CallFunction =>
      async (input, context) => {
        const answer = (await call(input, context)) as object;
        return { ...answer, ageMs: 0 };
      },
  );
  return { name: 'nobody looks how old an observation is', instead: { calls } };
}
