/** Monitors that take what they cannot read for well. For tests only. */
import type { CallFunction } from '../../../activities/effects.js';
import type { Health } from '../../../workflows/actions/action.js';
import type { Weakness } from '../incident.js';
import { wrapping } from './calls.js';

export function blindIsWell(): Weakness {
  const isMonitor = (name: string): boolean => name.startsWith('monitor.');
  const calls = wrapping(isMonitor, (call): CallFunction => async (input, context) => {
    const health = (await call(input, context)) as Health;
    return /could not be read/.test(health.seen) ? { ...health, well: true } : health;
  });
  return { name: 'what no monitor can see is well', instead: { calls } };
}
