/**
 * What the policy table says about one proposal: a level for each step, and the terms on which people are asked.
 * Pure. It only permits what the table grants; every override can lower a level, none can raise it.
 */
import type { Alert } from '../../workflows/domain/alert.js';
import { lowestLevel, type Level } from '../../workflows/domain/level.js';
import type { PlannedStep } from '../../workflows/domain/plan.js';
import type { StepPermission } from '../../workflows/gates/gate.js';
import type { Rung, Terms } from '../../workflows/store.js';
import type { PolicyTable, ServicePolicy } from './table.js';

export interface PolicyQuestion {
  readonly runbook: string;
  readonly alert: Alert;
  readonly steps: readonly PlannedStep[];
}

export interface PolicyJudgement {
  readonly permissions: readonly StepPermission[];
  /** Null when a step is not permitted at any level, or there is no step. */
  readonly terms: Terms | null;
}

/** Total: what the table does not know comes back as level null with the sentence why. */
export function judgePolicy(table: PolicyTable, question: PolicyQuestion): PolicyJudgement {
  const found = serviceFor(table, question.alert);
  const permissions = question.steps.map((step): StepPermission => {
    if (typeof found === 'string') return { step: step.name, level: null, why: found };
    return permissionFor(step, { table, service: found, question });
  });
  const levels = permissions.flatMap((permission) => permission.level ?? []);
  const level = lowestLevel(levels);
  const permitted = level !== undefined && levels.length === permissions.length;
  if (!permitted || typeof found === 'string') return { permissions, terms: null };
  return { permissions, terms: termsFor(level, { table, service: found, question }) };
}

interface Place {
  readonly table: PolicyTable;
  readonly service: ServicePolicy;
  readonly question: PolicyQuestion;
}

/** An alert that names no environment means the service's own; one that names another is not this service. */
function serviceFor(table: PolicyTable, alert: Alert): ServicePolicy | string {
  const service = own(table.services, alert.service);
  if (service === undefined) return `services.yaml names no service ${alert.service}`;
  if (alert.environment === '' || alert.environment === service.environment) return service;
  return `services.yaml knows ${alert.service} in ${service.environment}, not in ${alert.environment}`;
}

function permissionFor(step: PlannedStep, { table, service, question }: Place): StepPermission {
  const granted = own(table.levels, step.actionClass)?.[service.tier];
  if (granted === undefined) {
    const why = `services.yaml grants no level to class ${step.actionClass} on ${service.tier} services`;
    return { step: step.name, level: null, why };
  }
  const candidates: [Level | undefined, string][] = [
    [granted, `class ${step.actionClass} on ${service.tier} services`],
    [
      own(service.levels ?? {}, step.actionClass),
      `class ${step.actionClass} of ${question.alert.service}`,
    ],
    [service.level, `service ${question.alert.service}`],
    [own(table.runbooks, question.runbook)?.level, `runbook ${question.runbook}`],
  ];
  const level = lowestLevel(candidates.flatMap(([candidate]) => candidate ?? [])) ?? granted;
  const by = candidates.find(([candidate]) => candidate === level)?.[1] ?? '';
  return { step: step.name, level, why: `level ${level} for ${by}` };
}

/** The stricter of the service's and the runbook's word where one can be stricter, else the runbook's, else the default. */
function termsFor(level: Level, { table, service, question }: Place): Terms {
  const runbook = own(table.runbooks, question.runbook);
  const said = [service.approvalsMin, runbook?.approvalsMin].flatMap((count) => count ?? []);
  return {
    level,
    approvalsMin: said.length === 0 ? table.approvalsMin : Math.max(...said),
    chain: chainFor(table, runbook?.chain ?? service.chain ?? 'default'),
    vetoWindowMs: runbook?.vetoWindow ?? service.vetoWindow ?? table.vetoWindow,
    overseers: service.overseers ?? table.overseers,
    tier: service.tier,
  };
}

function chainFor(table: PolicyTable, name: string): Rung[] {
  return (own(table.chains, name) ?? []).map(({ notify, wait }) => ({ notify, waitMs: wait }));
}

/** Names come from alerts: `constructor` and its like must not be found. */
function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
