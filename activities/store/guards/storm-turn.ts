/**
 * How a part of the fleet comes into a storm and out of it. It begins above one share and ends at a lower one, so that it does
 * not begin and end by turns; afterwards runs are let in at a pace, for a while. Pure: knows no clock and no database.
 */
import { minutes } from '../../../workflows/domain/time.js';
import type { GuardRules } from '../../guards/rules.js';
import type { StormStand } from './reading.js';

export type StormRule = NonNullable<GuardRules['storm']>;

export interface StormCount {
  readonly sick: number;
  readonly services: number;
  readonly nowMs: number;
}

/** Where the scope stands now; the same object when nothing changed. */
export function turned(stand: StormStand, count: StormCount, rule: StormRule): StormStand {
  const next = stateAfter(stand, count, rule);
  if (next === stand.state) return stand;
  return { scope: stand.scope, state: next, sinceMs: count.nowMs, admitted: 0 };
}

function stateAfter(
  { state, sinceMs }: StormStand,
  { sick, services, nowMs }: StormCount,
  { above, endsAt, sickMin, releaseFor }: StormRule,
): StormStand['state'] {
  const share = services === 0 ? 0 : sick / services;
  if (sick >= sickMin && share > above) return 'on';
  if (state === 'on') return share <= endsAt ? 'ending' : 'on';
  return state === 'ending' && nowMs - sinceMs < releaseFor ? 'ending' : 'calm';
}

/** Runs that may have been let in by now, since the storm ended. */
export function mayBeAdmitted({ sinceMs }: StormStand, nowMs: number, rule: StormRule): number {
  return 1 + Math.floor((Math.max(0, nowMs - sinceMs) / minutes(1)) * rule.releasePerMinute);
}
