/** What policy permits a class of action on each service at most, were everything measured at its best; trust may only lower it. Pure. */
import { highestLevel } from '../../../activities/policy/evaluate.js';
import type { Facts } from '../../../activities/policy/fact.js';
import type { Condition, Rule } from '../../../activities/policy/rule.js';
import type { CompiledSet } from '../../../activities/policy/set.js';
import type { ServicePolicy } from '../../../activities/policy/table.js';
import type { RecordKey } from '../../../activities/store/trust/ceiling.js';
import { lowestLevel, type Level } from '../../../workflows/domain/level.js';

export interface Permitted extends RecordKey {
  readonly service: string;
  readonly level: Level;
}

/** By class, then by service; what is not permitted at any level is left out. */
export function permittedIn({ table, compiled }: CompiledSet): Permitted[] {
  const rules = compiled.map(({ rule }) => rule);
  return classesIn(rules).flatMap((actionClass) =>
    Object.entries(table.services).flatMap(([service, own]) => {
      const facts = atBest(actionClass, own, own.approvalsMin ?? table.approvalsMin);
      const { level } = highestLevel(rules, { runbook: '', service }, facts);
      const { tier, environment } = own;
      return level === null ? [] : [{ actionClass, tier, environment, service, level }];
    }),
  );
}

/** Every class that a policy names, in order of the alphabet. */
function classesIn(rules: readonly Rule[]): string[] {
  return [...new Set(rules.flatMap(({ when }) => textsOf(when)))].toSorted();
}

function textsOf(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'not':
      return textsOf(condition.of);
    case 'all':
    case 'any':
      return condition.of.flatMap(textsOf);
    case 'among':
      return condition.fact === 'actionClass' ? condition.texts : [];
    default:
      return [];
  }
}

/** A quiet weekday morning on which everything is known and well. */
function atBest(actionClass: string, service: ServicePolicy, approvalsMin: number): Facts {
  const { tier, environment, level, levels = {} } = service;
  const own = Object.hasOwn(levels, actionClass) ? levels[actionClass] : undefined;
  const ceiling = lowestLevel([level, own].flatMap((one) => one ?? [])) ?? 5;
  return {
    ...{ actionClass, tier, environment, ceiling, approvalsMin },
    ...{ reversible: true, excepted: false, targets: 1, approved: true },
    ...{ hour: 10, weekday: 2, stopped: false, frozen: false, confidence: 100, recurrence: 0 },
    ...{ errorBudget: 100, trust: 5, targetShare: 0, healthyAfter: 100, telemetryAge: 0 },
  };
}
