/** What the guards must count for one run, and which locks make it exact: only what a rule that is on needs. Pure. */
import type { PlannedStep } from '../../../workflows/domain/plan.js';
import { targetsOf } from '../../../workflows/domain/plan.js';
import type { JudgeInput } from '../../../workflows/store.js';
import type { GuardTerms } from '../../guards/source.js';
import type { RadiusRule } from '../../guards/rules.js';
import { pgText } from '../pg-json.js';

/** One step as it is remembered once it was let in. */
export interface AdmittedStep {
  readonly run: string;
  readonly step: string;
  readonly service: string;
  readonly zone: string | null;
  readonly action: string;
  readonly action_class: string;
  readonly target: string;
  readonly risk: number;
}

/** The breaker of an action on one target, or on any where `target` is null. */
export interface WantedCircuit {
  readonly action: string;
  readonly target: string | null;
  readonly failuresMax: number;
  readonly retryAfterMs: number;
}

export interface Wanted {
  readonly terms: GuardTerms;
  readonly run: string;
  readonly service: string;
  readonly zone: string | null;
  readonly steps: readonly AdmittedStep[];
  readonly targets: readonly string[];
  /** Scopes whose leases are counted: `service:<name>`, `zone:<name>`, `fleet`. */
  readonly radii: readonly string[];
  readonly circuits: readonly WantedCircuit[];
  /** Scopes that can be in a storm. */
  readonly storms: readonly string[];
  readonly dependencies: readonly string[];
  /** A person wants a repair taken back: that is a way to less harm, and only the blast radius has a say. */
  readonly takesBack: boolean;
  /** Scopes, each of which one admission at a time may count and take. */
  readonly locks: readonly string[];
}

export const fleetScope = 'fleet';

/** What to count for this input under these terms. */
export function wantedOf(input: JudgeInput, terms: GuardTerms): Wanted {
  const { rules, place } = terms;
  const service = pgText(input.alert.service);
  const zone = place.zone;
  const takesBack = input.proposal.round === 0;
  const radii = rules.blastRadius === null ? [] : radiiOf(service, terms);
  const circuits = takesBack ? [] : circuitsOf(input.proposal.steps, terms);
  return {
    terms,
    run: pgText(input.run),
    service,
    zone,
    steps: input.proposal.steps.map((step) => admittedOf(step, { input, service, terms })),
    targets: targetsOf(input.proposal).map(pgText),
    radii,
    circuits,
    storms: rules.storm === null || takesBack ? [] : stormScopesOf(terms),
    dependencies: rules.dependency === 'on' && !takesBack ? place.dependencies : [],
    takesBack,
    locks: locksOf({ service, radii, takesBack, classes: classesOf(input) }, terms),
  };
}

function classesOf({ proposal }: JudgeInput): string[] {
  return [...new Set(proposal.steps.map(({ actionClass }) => actionClass))];
}

function radiiOf(service: string, { rules, place }: GuardTerms): string[] {
  const { blastRadius } = rules;
  if (blastRadius === null) return [];
  const zoned = place.zone !== null && blastRadius.zonesAtOnce !== undefined;
  return [
    ...(limits(blastRadius.service, place.instances) || place.minHealthy !== null
      ? [`service:${service}`]
      : []),
    ...(place.zone !== null && limits(blastRadius.zone, place.zoneSize.instances)
      ? [`zone:${place.zone}`]
      : []),
    ...(limits(blastRadius.fleet, sizeOrNull(place.fleetSize.instances)) || zoned
      ? [fleetScope]
      : []),
  ];
}

function sizeOrNull(size: number): number | null {
  return size === 0 ? null : size;
}

/** A share of what nobody has counted limits nothing. */
function limits({ runs, targets, share }: RadiusRule, size: number | null): boolean {
  return runs !== undefined || targets !== undefined || (share !== undefined && size !== null);
}

function circuitsOf(steps: readonly PlannedStep[], { rules }: GuardTerms): WantedCircuit[] {
  const { target: byTarget, action: byAction } = rules.breaker ?? { target: null, action: null };
  const found = new Map<string, WantedCircuit>();
  for (const step of steps) {
    const action = pgText(step.action);
    const target = pgText(step.target);
    const asked = [
      ...(byTarget === null ? [] : [{ target, rule: byTarget }]),
      ...(byAction === null ? [] : [{ target: null, rule: byAction }]),
    ];
    for (const { target: on, rule } of asked) {
      const { failures: failuresMax, retryAfter: retryAfterMs } = rule;
      found.set(circuitKey(action, on), { action, target: on, failuresMax, retryAfterMs });
    }
  }
  return [...found.values()];
}

/** Names the breaker of an action on one target, or on any. */
export function circuitKey(action: string, target: string | null): string {
  return target === null ? action : `${action}\n${target}`;
}

function stormScopesOf({ place }: GuardTerms): string[] {
  const zone = place.zone === null ? [] : [`zone:${place.zone}`];
  return place.fleetSize.services.size === 0 ? zone : [...zone, fleetScope];
}

interface Locking {
  readonly service: string;
  readonly radii: readonly string[];
  readonly takesBack: boolean;
  readonly classes: readonly string[];
}

function locksOf(
  { service, radii, takesBack, classes }: Locking,
  { rules }: GuardTerms,
): readonly string[] {
  if (takesBack) return radii;
  const counted = [
    ...(rules.recurring === null ? [] : [`service:${service}`]),
    ...(rules.risk === null ? [] : [fleetScope]),
    ...classes.filter((name) => Object.hasOwn(rules.rate, name)).map((name) => `class:${name}`),
  ];
  return [...new Set([...radii, ...counted])];
}

interface Admitting {
  readonly input: JudgeInput;
  readonly service: string;
  readonly terms: GuardTerms;
}

function admittedOf(step: PlannedStep, { input, service, terms }: Admitting): AdmittedStep {
  return {
    run: pgText(input.run),
    step: pgText(step.name),
    service,
    zone: terms.place.zone,
    action: pgText(step.action),
    action_class: pgText(step.actionClass),
    target: pgText(step.target),
    risk: riskOf(step, terms),
  };
}

function riskOf({ actionClass, irreversible }: PlannedStep, { rules }: GuardTerms): number {
  if (rules.risk === null) return 1;
  const { costs, irreversible: times } = rules.risk;
  const cost = Object.hasOwn(costs, actionClass) ? (costs[actionClass] ?? 1) : 1;
  return irreversible === null ? cost : cost * times;
}
