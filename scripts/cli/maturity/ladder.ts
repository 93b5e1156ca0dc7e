/** Where each class of action stands on each service, what its next level needs, and which one thing binds it. Pure. */
import { ceilingByDefault, keyText } from '../../../activities/store/trust/ceiling.js';
import type { RecordedDrill } from '../../../activities/store/trust/drills.js';
import { factKinds, type FactKind } from '../../../activities/store/trust/fact.js';
import {
  bindingOf,
  prerequisitesOf,
  type Prerequisite,
  type Standing,
} from '../../../activities/store/trust/prerequisites.js';
import type { TrustRecord } from '../../../activities/store/trust/record.js';
import {
  nextLevel,
  type PromotedLevel,
  type Rules,
} from '../../../activities/store/trust/rules.js';
import type { Level } from '../../../workflows/domain/level.js';
import type { Permitted } from './permitted.js';

export interface Rung extends Permitted {
  /** What it may do now: the lower of policy and ceiling. */
  readonly present: Level;
  readonly ceiling: Level;
  /** Null at level 5. */
  readonly next: Level | null;
  /** Of the next level, each with its state. */
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

function rungOf(permitted: Permitted, { records, ...known }: Known): Rung {
  const record =
    records.find((found) => keyText(found) === keyText(permitted)) ?? emptyRecord(permitted);
  const { ceiling } = record;
  const present = Math.min(permitted.level, ceiling) as Level;
  const next = nextOf(permitted.level, ceiling);
  const prerequisites =
    next === null ? [] : wantedFor(next, { permitted, standing: { record, ...known } });
  const binding = bindingText(permitted, prerequisites);
  return { ...permitted, present, ceiling, next, prerequisites, binding };
}

/** What was earned rises in larger steps than policy: below 3 it goes back to 3. */
function nextOf(level: Level, ceiling: Level): Level | null {
  if (ceiling > level) return (level + 1) as Level;
  return nextLevel(ceiling) ?? null;
}

interface Climbing {
  readonly permitted: Permitted;
  readonly standing: Standing;
}

function wantedFor(next: Level, { permitted, standing }: Climbing): Prerequisite[] {
  const { level } = permitted;
  const { record, rules } = standing;
  const policy: Prerequisite = {
    name: 'policy',
    met: level >= next,
    says: `level ${level} is permitted, level ${next} is wanted`,
    share: Math.min(1, level / next),
  };
  if (record.ceiling >= next) {
    return [
      policy,
      { name: 'earned', met: true, says: `level ${record.ceiling} is earned`, share: 1 },
    ];
  }
  const people = rules.signersMin[Math.max(3, next) as PromotedLevel];
  const asked = `${people} ${people === 1 ? 'person has' : 'people have'} to sign: ${proposing(permitted)}`;
  return [
    policy,
    ...prerequisitesOf(standing),
    { name: 'signature', met: false, says: asked, share: 0 },
  ];
}

/** Policy first: no evidence helps where it permits no more. The signature last: it is asked for once the rest is there. */
function bindingText(permitted: Permitted, prerequisites: readonly Prerequisite[]): string | null {
  if (prerequisites.length === 0) return null;
  const policy = prerequisites.find(({ name, met }) => name === 'policy' && !met);
  const evidence = bindingOf(prerequisites.filter(({ name }) => name !== 'signature'));
  const binding = policy ?? evidence;
  if (binding !== undefined) return `${binding.name}: ${binding.says}`;
  return `signature: everything else is there; ${proposing(permitted)}`;
}

function proposing({ actionClass, tier, environment }: Permitted): string {
  return `belay trust propose ${actionClass} --tier ${tier} --environment ${environment}`;
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
