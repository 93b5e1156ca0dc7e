/**
 * What the store and the guards know, as the facts that policies ask about. What was not counted is not known, with the reason:
 * a policy that needs it then permits nothing. Pure.
 */
import type { Tier } from '../../workflows/domain/entry.js';
import { known, type Known } from '../../workflows/domain/verdict.js';
import type { ErrorBudgetFact, Radius } from '../../workflows/gates/guard-facts.js';
import type { PolicyFacts } from '../policy/fact.js';
import type { JudgeInput } from '../../workflows/store.js';
import type { Asked } from './facts.js';
import { stopsHeard, type Heard, type StoredFacts } from './judgement.js';
import { earnedBy } from './trust/ceiling.js';

/** Policy's answer once more, now that the store was read: with the facts it had to answer without. */
export function weighed(asked: Asked, heard: Heard): Heard {
  const { stored, policy } = heard;
  if (!policy.known || policy.value.weighing === undefined) return heard;
  const stops = stopsHeard(asked.input, heard);
  const facts = {
    ...policyFactsOf(asked, { ...stored, stops }),
    trust: trustOf(asked.input, { stored, tier: policy.value.terms?.tier }),
  };
  return { ...heard, policy: known(policy.value.weighing(facts)) };
}

/** Recurrence counts repairs of the service within the hour that guards.yaml names; shares are whole per cent. */
export function policyFactsOf(asked: Asked, { stops, guards }: StoredFacts): PolicyFacts {
  return {
    stopped: mapped(stops, (orders) => known(orders.length > 0)),
    frozen: mapped(guards.frozen, (freezes) => known(freezes.length > 0)),
    recurrence: mapped(guards.recurring, (counted) =>
      counted === null ? unknown('guards.yaml counts no repairs of it') : known(counted.count),
    ),
    errorBudget: mapped(guards.errorBudget, budgetOf),
    ...sharesOf(asked, guards.radii),
  };
}

/** The lowest that the classes of the steps have earned; the admission holds each step to its own as well. */
function trustOf(
  { alert, proposal }: JudgeInput,
  { stored, tier }: { stored: StoredFacts; tier: Tier | undefined },
): Known<number> {
  if (tier === undefined) return unknown('services.yaml does not name the service');
  const { environment } = alert;
  return mapped(stored.ceilings, (ceilings) => {
    const earned = proposal.steps.map(({ actionClass }) => {
      return earnedBy(ceilings, { actionClass, tier, environment }).ceiling;
    });
    return earned.length === 0 ? unknown('there is no step') : known(Math.min(...earned));
  });
}

function mapped<From, To>(fact: Known<From>, of: (value: From) => Known<To>): Known<To> {
  return fact.known ? of(fact.value) : fact;
}

function unknown(why: string): Known<never> {
  return { known: false, why };
}

/** An overdrawn budget is a spent one; rounded down, so that the last of it is none. */
function budgetOf(budget: ErrorBudgetFact | null): Known<number> {
  if (budget === null) return unknown('guards.yaml has no error budget of it');
  if (budget.ageMs > budget.ageMsMax) return unknown('the figure of its error budget is too old');
  return known(Math.min(100, Math.max(0, Math.floor(budget.left * 100))));
}

/** Of the service's instances, what is touched by this run and others, and what stays well meanwhile. */
function sharesOf(
  { input, wanted }: Asked,
  radii: Known<readonly Radius[]>,
): Pick<PolicyFacts, 'targetShare' | 'healthyAfter'> {
  const service = input.alert.service;
  const instances = wanted.known ? wanted.value.terms.place.instances : null;
  if (instances === null) return both(unknown(`fleet.yaml does not say how many ${service} has`));
  if (instances === 1) return both(unknown(`there is only one of ${service}`));
  const touched = (unit: Radius['unit']): Known<number> =>
    mapped(radii, (all) => {
      const own = all.find(
        (radius) => radius.scope === `service ${service}` && radius.unit === unit,
      );
      return own === undefined
        ? unknown(`fleet.yaml limits no ${unit}`)
        : known(own.held + own.adds);
    });
  const percent = (count: number): number => Math.min(100, Math.ceil((100 * count) / instances));
  return {
    targetShare: mapped(touched('targets'), (count) => known(percent(count))),
    healthyAfter: mapped(touched('unhealthy instances'), (count) => known(100 - percent(count))),
  };
}

function both(fact: Known<never>): Pick<PolicyFacts, 'targetShare' | 'healthyAfter'> {
  return { targetShare: fact, healthyAfter: fact };
}
