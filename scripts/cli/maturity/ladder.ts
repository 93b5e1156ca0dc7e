/** Where each class of action stands on each service, what its next level needs, and which one thing binds it. Pure. */
import { ceilingByDefault, keyText } from '../../../activities/store/trust/ceiling.js';
import type { RecordedDrill } from '../../../activities/store/trust/drills.js';
import { factKinds, type FactKind } from '../../../activities/store/trust/fact.js';
import {
  bindingOf,
  prerequisitesOf,
  type Prerequisite,
} from '../../../activities/store/trust/prerequisites.js';
import type { TrustRecord } from '../../../activities/store/trust/record.js';
import type { Rules } from '../../../activities/store/trust/rules.js';
import type { Level } from '../../../workflows/domain/level.js';
import type { Permitted } from './permitted.js';

export interface Rung extends Permitted {
  /** What it may do now: the lower of policy and ceiling. */
  readonly present: Level;
  readonly ceiling: Level;
  readonly prerequisites: readonly Prerequisite[];
  /** The one thing without which nothing else helps, in a sentence; null at level 5. */
  readonly binding: string | null;
}

export interface Known {
  readonly records: readonly TrustRecord[];
  readonly drills: ReadonlyMap<string, RecordedDrill>;
  readonly rules: Rules;
  readonly nowMs: number;
}

export function ladderOf(permitted: readonly Permitted[], known: Known): Rung[] {
  return permitted.map((one) => rungOf(one, known));
}

function rungOf(permitted: Permitted, { records, drills, rules, nowMs }: Known): Rung {
  const record =
    records.find((found) => keyText(found) === keyText(permitted)) ?? emptyRecord(permitted);
  const { ceiling } = record;
  const present = Math.min(permitted.level, ceiling) as Level;
  const prerequisites = prerequisitesOf({ record, drills, rules, nowMs });
  return {
    ...permitted,
    present,
    ceiling,
    prerequisites,
    binding: bindingText(permitted, record, prerequisites),
  };
}

function bindingText(
  { level, actionClass, tier, environment }: Permitted,
  { ceiling }: TrustRecord,
  prerequisites: readonly Prerequisite[],
): string | null {
  if (level <= ceiling) {
    if (level === 5) return null;
    return `policy: it permits level ${level}, and level ${ceiling} is earned`;
  }
  const binding = bindingOf(prerequisites);
  if (binding !== undefined) return `${binding.name}: ${binding.says}`;
  return `signature: everything else is there; belay trust propose ${actionClass} --tier ${tier} --environment ${environment}`;
}

function emptyRecord({ actionClass, tier, environment }: Permitted): TrustRecord {
  const counts = Object.fromEntries(factKinds.map((fact) => [fact, 0])) as Record<FactKind, number>;
  return {
    ...{ actionClass, tier, environment, counts },
    ceiling: ceilingByDefault,
    why: 'nothing was granted or earned yet',
    since: '',
    sinceAt: null,
    hidden: 0,
    trials: 0,
    bound: 0,
    reviewed: 0,
    services: [],
    runbooks: [],
  };
}
