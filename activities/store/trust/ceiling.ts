/**
 * The ceiling of a class of action, tier and environment: the level it has earned. Lowers what policy permits, never raises it.
 * Pure but for the one question to the database.
 */
import { sql } from 'kysely';
import type { Tier } from '../../../workflows/domain/entry.js';
import { lowestLevel, type Level } from '../../../workflows/domain/level.js';
import { known, type Known } from '../../../workflows/domain/verdict.js';
import type { StepPermission } from '../../../workflows/gates/gate.js';
import type { JudgeInput } from '../../../workflows/store.js';
import type { PolicyAnswer } from '../policy.js';

/** What a trust record is kept for. */
export interface RecordKey {
  readonly actionClass: string;
  readonly tier: Tier;
  readonly environment: string;
}

export interface Ceiling extends RecordKey {
  readonly ceiling: Level;
  /** Who or what set it, in a sentence. */
  readonly why: string;
}

/** Nothing acts without a person until somebody granted or signed it. */
export const ceilingByDefault = 3 satisfies Level;
/** Any bad outcome: people are asked again. */
export const ceilingAfterBad = 3 satisfies Level;
/** Something could not be taken back: people begin each run. */
export const ceilingAfterStuck = 2 satisfies Level;

/** As people read it: `class/tier/environment`. */
export function keyText({ actionClass, tier, environment }: RecordKey): string {
  return `${actionClass}/${tier}/${environment}`;
}

export interface CeilingsAsked {
  readonly classes: readonly string[];
  readonly environment: string;
}

/** An alert that names no environment may mean any: all of them count, the lowest decides. */
export const ceilingsOf = ({ classes, environment }: CeilingsAsked) => sql<readonly Ceiling[]>`(
  SELECT coalesce(jsonb_agg(jsonb_build_object('actionClass', action_class, 'tier', tier, 'environment', environment,
    'ceiling', ceiling, 'why', why) ORDER BY ceiling), '[]')
  FROM trust_ceilings WHERE action_class = ANY(${classes}::text[]) AND (environment = ${environment} OR ${environment} = ''))`;

/** What policy permits, and no more than was earned. Ceilings that cannot be read make the answer one that cannot be read. */
export function underCeilings(
  input: Pick<JudgeInput, 'proposal' | 'alert'>,
  policy: Known<PolicyAnswer>,
  ceilings: Known<readonly Ceiling[]>,
): Known<PolicyAnswer> {
  if (!policy.known || policy.value.terms === null) return policy;
  if (!ceilings.known) {
    return { known: false, why: `the trust record could not be read: ${ceilings.why}` };
  }
  const { terms, permissions } = policy.value;
  const classOf = new Map(input.proposal.steps.map((step) => [step.name, step.actionClass]));
  const { environment } = input.alert;
  const capped = permissions.map((permission) => {
    const actionClass = classOf.get(permission.step) ?? '';
    const key = { actionClass, tier: terms.tier, environment };
    return lowered(permission, earnedBy(ceilings.value, key));
  });
  const level = lowestLevel([
    terms.level,
    ...capped.flatMap((permission) => permission.level ?? []),
  ]);
  return known({
    ...policy.value,
    permissions: capped,
    terms: { ...terms, level: level ?? terms.level },
  });
}

export interface Earned {
  readonly ceiling: Level;
  readonly why: string;
}

const nothingYet: Earned = {
  ceiling: ceilingByDefault,
  why: 'nothing was granted or earned yet',
};

/**
 * The lowest ceiling of a class on a tier. An alert that names no environment may be of one that has no row yet, which has the
 * default, unless something was granted for just such alerts.
 */
export function earnedBy(ceilings: readonly Ceiling[], key: RecordKey): Earned {
  const { actionClass, tier, environment } = key;
  const own = ceilings.filter((row) => row.actionClass === actionClass && row.tier === tier);
  const isNamed = own.some((row) => row.environment === environment);
  const all: readonly Earned[] = isNamed ? own : [...own, nothingYet];
  return all.reduce((lowest, row) => (row.ceiling < lowest.ceiling ? row : lowest));
}

function lowered(permission: StepPermission, { ceiling, why: because }: Earned): StepPermission {
  if (permission.level === null || permission.level <= ceiling) return permission;
  const why = `${permission.why}, lowered to ${ceiling} by the trust record: ${because}`;
  return { ...permission, level: ceiling, why };
}
