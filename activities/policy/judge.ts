/**
 * What policy says about one proposal: a level for each step, the terms on which people are asked, and why.
 * Pure but for asking the set. It only permits what a policy permits; every override can lower a level, none can raise it.
 */
import type { Alert } from '../../workflows/domain/alert.js';
import { lowestLevel, type Level } from '../../workflows/domain/level.js';
import type { PlannedStep } from '../../workflows/domain/plan.js';
import type { StepPermission } from '../../workflows/gates/gate.js';
import type { Rung, Terms } from '../../workflows/store.js';
import { isExcepted, nothingApproved, unapprovedIn, type Approved } from './approved.js';
import type { LevelDecision } from './evaluate.js';
import {
  clockFacts,
  split,
  type FactName,
  type Facts,
  type FactValue,
  type PolicyFacts,
} from './fact.js';
import { approvalsFor, ceilingFor, own, serviceNamed, type Named } from './inventory.js';
import { askTable, type AskLevel } from './set.js';
import type { PolicyTable, ServicePolicy } from './table.js';
import { levelText, type PolicyTrace, type SetMark, type StepTrace } from './trace.js';

export interface PolicyQuestion {
  readonly runbook: string;
  readonly alert: Alert;
  readonly steps: readonly PlannedStep[];
  /** Without it the hour is not known. */
  readonly nowMs?: number;
  /** What was measured for this question; it goes before what the facts' reader says. */
  readonly facts?: PolicyFacts;
}

export interface PolicyJudgement {
  readonly permissions: readonly StepPermission[];
  /** Null when a step is not permitted at any level, or there is no step. */
  readonly terms: Terms | null;
  readonly trace: PolicyTrace;
}

/** What answers: the parts of a set that a judgement needs. */
export interface Judge extends SetMark {
  readonly table: PolicyTable;
  readonly approved: Approved;
  readonly ask: AskLevel;
}

/** Total: what the table does not know comes back as level null with the sentence why. */
export function judgePolicy(table: PolicyTable, question: PolicyQuestion): PolicyJudgement {
  const mark = { digest: '', release: table.release ?? null };
  return judgeBy({ ...mark, table, approved: nothingApproved, ask: askTable(table) }, question);
}

/** Total, as the set's own answers are. */
export function judgeBy(judge: Judge, question: PolicyQuestion): PolicyJudgement {
  const { table } = judge;
  const found = serviceFor(table, question.alert);
  const place: Place = { judge, question, service: found, ...measuredFor(question) };
  const judged = question.steps.map((step) => judgeStep(step, place));
  const permissions = judged.map(({ permission }) => permission);
  const levels = permissions.flatMap((permission) => permission.level ?? []);
  const level = lowestLevel(levels);
  const permitted = level !== undefined && levels.length === permissions.length;
  const terms =
    permitted && typeof found !== 'string'
      ? termsFor(level, { table, service: found, question })
      : null;
  return {
    permissions,
    terms,
    trace: traceOf(
      place,
      judged.map(({ trace }) => trace),
    ),
  };
}

interface Place {
  readonly judge: Judge;
  readonly question: PolicyQuestion;
  /** Or why there is none. */
  readonly service: ServicePolicy | string;
  readonly known: Partial<Record<FactName, FactValue>>;
  readonly unknown: Partial<Record<FactName, string>>;
}

function measuredFor({ nowMs, facts }: PolicyQuestion): Pick<Place, 'known' | 'unknown'> {
  return split({ ...(nowMs === undefined ? {} : clockFacts(nowMs)), ...facts });
}

/** An alert that names no environment means the service's own; one that names another is not this service. */
function serviceFor(table: PolicyTable, alert: Alert): ServicePolicy | string {
  const service = serviceNamed(table, alert.service);
  if (service === undefined) return `services.yaml names no service ${alert.service}`;
  if (alert.environment === '' || alert.environment === service.environment) return service;
  return `services.yaml knows ${alert.service} in ${service.environment}, not in ${alert.environment}`;
}

interface JudgedStep {
  readonly permission: StepPermission;
  readonly trace: StepTrace;
}

function judgeStep(step: PlannedStep, place: Place): JudgedStep {
  const { judge, question, service } = place;
  if (typeof service === 'string') return unanswered(step, service);
  const unapproved =
    step.resource === undefined ? null : unapprovedIn(judge.approved, step.resource);
  const facts = factsFor(step, { ...place, service, unapproved });
  const subject = { runbook: question.runbook, service: question.alert.service };
  const decision = judge.ask(subject, facts);
  return answered(step, { decision, facts, unapproved, capped: cappedBy(step, place) });
}

function unanswered({ name, actionClass, irreversible }: PlannedStep, why: string): JudgedStep {
  const facts = { actionClass, reversible: irreversible === null, excepted: false };
  return {
    permission: { step: name, level: null, why },
    trace: { step: name, level: null, by: [], held: [], facts, error: why },
  };
}

interface Answered {
  readonly decision: LevelDecision;
  readonly facts: Facts;
  readonly unapproved: string | null;
  /** Whose override it is, where one lowers the level. */
  readonly capped: string | null;
}

function answered({ name, resource }: PlannedStep, answer: Answered): JudgedStep {
  const { decision, facts, unapproved, capped } = answer;
  const { level, by, heldBy, error } = decision;
  const { actionClass, reversible, excepted, ceiling } = facts;
  const overridden = capped !== null && level === ceiling ? ` (${capped} sets ${ceiling})` : '';
  const why =
    level === null && error === null
      ? `no level for class ${actionClass} on ${facts.tier} services: ${levelText(decision)}`
      : `${levelText(decision)}${overridden}`;
  return {
    permission: { step: name, level, why, ...(unapproved === null ? {} : { unapproved }) },
    trace: {
      ...{ step: name, level, by, held: heldBy },
      facts: {
        ...{ actionClass, reversible, excepted, ceiling },
        ...(facts.approved === undefined ? {} : { approved: facts.approved }),
      },
      ...(resource === undefined ? {} : { resource }),
      ...(unapproved === null ? {} : { unapproved }),
      ...(error === null ? {} : { error }),
    },
  };
}

interface Asked extends Place {
  readonly service: ServicePolicy;
  readonly unapproved: string | null;
}

function factsFor(
  step: PlannedStep,
  { judge, question, service, known, unapproved }: Asked,
): Facts {
  const { table, approved } = judge;
  const { nowMs, runbook, steps } = question;
  return {
    ...known,
    actionClass: step.actionClass,
    tier: service.tier,
    environment: service.environment,
    ceiling: ceilingFor(table, namedIn(question), step.actionClass)?.level ?? 5,
    approvalsMin: approvalsFor(table, namedIn(question)),
    reversible: step.irreversible === null,
    excepted: isExcepted(approved, {
      runbook,
      actionClass: step.actionClass,
      ...(nowMs === undefined ? {} : { nowMs }),
    }),
    targets: targetsIn(steps),
    ...(step.resource === undefined ? {} : { approved: unapproved === null }),
  };
}

/** Whose override lowers the level of the step, where one does. */
function cappedBy({ actionClass }: PlannedStep, { judge, question }: Place): string | null {
  return ceilingFor(judge.table, namedIn(question), actionClass)?.by ?? null;
}

function namedIn({ runbook, alert }: PolicyQuestion): Named {
  return { runbook, service: alert.service };
}

interface Concerned {
  readonly table: PolicyTable;
  readonly service: ServicePolicy;
  readonly question: PolicyQuestion;
}

/** The runbook's word before the service's, before the default. */
function termsFor(level: Level, { table, service, question }: Concerned): Terms {
  const runbook = own(table.runbooks, question.runbook);
  return {
    level,
    approvalsMin: approvalsFor(table, namedIn(question)),
    chain: chainFor(table, runbook?.chain ?? service.chain ?? 'default'),
    vetoWindowMs: runbook?.vetoWindow ?? service.vetoWindow ?? table.vetoWindow,
    overseers: service.overseers ?? table.overseers,
    tier: service.tier,
  };
}

function chainFor(table: PolicyTable, name: string): Rung[] {
  return (own(table.chains, name) ?? []).map(({ notify, wait }) => ({ notify, waitMs: wait }));
}

/** An empty name is no target: whatever it was meant to select, it selected nothing. */
function targetsIn(steps: readonly PlannedStep[]): number {
  return new Set(steps.map(({ target }) => target).filter((target) => target !== '')).size;
}

function markOf({ digest, release, refused }: SetMark): SetMark {
  return { digest, release, ...(refused === undefined ? {} : { refused }) };
}

function traceOf(place: Place, steps: readonly StepTrace[]): PolicyTrace {
  const { judge, question, service, known: measured, unknown } = place;
  const inventory =
    typeof service === 'string'
      ? {}
      : {
          tier: service.tier,
          environment: service.environment,
          approvalsMin: approvalsFor(judge.table, namedIn(question)),
        };
  return {
    v: 1,
    set: markOf(judge),
    runbook: question.runbook,
    service: question.alert.service,
    facts: { ...inventory, targets: targetsIn(question.steps), ...measured },
    unknown,
    steps,
  };
}
