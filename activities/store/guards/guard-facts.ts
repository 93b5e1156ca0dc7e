/** From what was counted to what the gates look at: the limit of each rule beside its count. Pure: reads and takes nothing. */
import { known, type Known } from '../../../workflows/domain/verdict.js';
import type {
  Circuit,
  Counted,
  GuardFacts,
  Radius,
  RateFact,
  RiskFact,
  StormFact,
} from '../../../workflows/gates/guard-facts.js';
import type { JudgeInput } from '../../../workflows/store.js';
import { radiiFacts } from './radius-facts.js';
import type { GuardReading, StormStand } from './reading.js';
import { mayBeAdmitted, turned } from './storm-turn.js';
import { circuitKey, fleetScope, type Wanted } from './wanted.js';

/** Every guard's fact is unknown, for one reason. */
export function unknownGuards(why: string): GuardFacts {
  const unknown = { known: false, why } as const;
  return {
    frozen: unknown,
    recurring: unknown,
    storms: unknown,
    sickDependencies: unknown,
    radii: unknown,
    risk: unknown,
    errorBudget: unknown,
    rates: unknown,
    circuits: unknown,
  };
}

/** What files and sources said stands even where the counts could not be read. */
export function guardFactsOf(
  input: JudgeInput,
  { wanted, reading }: { readonly wanted: Known<Wanted>; readonly reading: Known<GuardReading> },
): GuardFacts {
  if (!wanted.known) return unknownGuards(wanted.why);
  const { terms, takesBack } = wanted.value;
  const said = {
    frozen: takesBack ? known([]) : terms.frozen,
    errorBudget: takesBack ? known(null) : terms.errorBudget,
  };
  if (!reading.known) return { ...unknownGuards(reading.why), ...said };
  return { ...said, ...countedFacts(input, wanted.value, reading.value) };
}

function countedFacts(
  input: JudgeInput,
  wanted: Wanted,
  reading: GuardReading,
): Omit<GuardFacts, 'frozen' | 'errorBudget'> {
  return {
    recurring: known(recurringOf(input, wanted, reading)),
    storms: known(stormsOf(wanted, reading)),
    sickDependencies: known(reading.sickBelow),
    radii: known<readonly Radius[]>(radiiFacts(wanted, reading)),
    risk: known(riskOf(wanted, reading)),
    rates: known(ratesOf(wanted, reading)),
    circuits: known(circuitsOf(wanted, reading)),
  };
}

/** A person who starts a run by hand is the person the guard asks for. */
function recurringOf(
  { trigger }: JudgeInput,
  { terms, takesBack }: Wanted,
  { recoveries }: GuardReading,
): Counted | null {
  const { recurring } = terms.rules;
  if (recurring === null || takesBack || trigger.startsWith('person:')) return null;
  return { count: recoveries, max: recurring.max, withinMs: recurring.within };
}

function riskOf({ terms, takesBack, steps }: Wanted, { risk }: GuardReading): RiskFact | null {
  const { risk: rule } = terms.rules;
  if (rule === null || takesBack) return null;
  const adds = steps.reduce((sum, step) => sum + step.risk, 0);
  return { count: risk, adds, max: rule.points, withinMs: rule.within };
}

function ratesOf({ terms, takesBack, steps }: Wanted, { rates }: GuardReading): RateFact[] {
  if (takesBack) return [];
  const classes = [...new Set(steps.map((step) => step.action_class))];
  return classes.flatMap((actionClass): RateFact[] => {
    const { rate } = terms.rules;
    const rule = Object.hasOwn(rate, actionClass) ? rate[actionClass] : undefined;
    if (rule === undefined) return [];
    const adds = steps.filter((step) => step.action_class === actionClass).length;
    const count = rates[actionClass] ?? 0;
    return [{ actionClass, count, adds, max: rule.max, withinMs: rule.within }];
  });
}

function circuitsOf({ circuits }: Wanted, reading: GuardReading): Circuit[] {
  return circuits.map(({ action, target, failuresMax, retryAfterMs }) => ({
    says: `${action} on ${target ?? 'any target'}`,
    attempts: reading.circuits[circuitKey(action, target)] ?? [],
    failuresMax,
    retryAfterMs,
  }));
}

/** The scopes whose state changed by what was read; whoever counts writes them down. */
export function changedStorms(wanted: Wanted, reading: GuardReading): StormStand[] {
  return standsOf(wanted, reading).flatMap(({ was, is }) => (was === is ? [] : [is]));
}

function stormsOf(wanted: Wanted, reading: GuardReading): StormFact[] {
  const { storm } = wanted.terms.rules;
  if (storm === null) return [];
  return standsOf(wanted, reading).map(({ is, sick, services }) => ({
    scope: is.scope === fleetScope ? 'the fleet' : is.scope.replace(':', ' '),
    sick,
    services,
    state: is.state,
    admitted: is.admitted,
    mayBeAdmitted: mayBeAdmitted(is, reading.atMs, storm),
  }));
}

interface Turned {
  readonly was: StormStand;
  readonly is: StormStand;
  readonly sick: number;
  readonly services: number;
}

function standsOf({ terms, storms }: Wanted, reading: GuardReading): Turned[] {
  const { storm } = terms.rules;
  if (storm === null) return [];
  return storms.map((scope) => {
    const size = scope === fleetScope ? terms.place.fleetSize : terms.place.zoneSize;
    const sick = reading.sick.filter((service) => size.services.has(service)).length;
    const services = size.services.size;
    const was = reading.storms.find((stand) => stand.scope === scope) ?? calm(scope);
    const is = turned(was, { sick, services, nowMs: reading.atMs }, storm);
    return { was, is, sick, services };
  });
}

function calm(scope: string): StormStand {
  return { scope, state: 'calm', sinceMs: 0, admitted: 0 };
}
