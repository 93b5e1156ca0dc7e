/** Recorded decisions asked again of another set: what it would have said, and how much it would have touched alone. Pure. */
import { lowestLevel, type Level } from '../../workflows/domain/level.js';
import { hours } from '../../workflows/domain/time.js';
import type { Facts } from './fact.js';
import type { LoadedSet } from './set.js';
import { levelText, type PolicyTrace, type StepTrace } from './trace.js';

/** What a decision left in the ledger. */
export interface Recorded {
  readonly run: string;
  readonly at: Date;
  readonly targets: readonly string[];
  readonly trace: PolicyTrace;
}

export interface Change {
  readonly run: string;
  readonly kind: 'acts-more' | 'acts-less' | 'refuses';
  readonly before: Level | null;
  readonly after: Level | null;
  readonly says: string;
}

/** Of what would be done without asking anybody. */
export interface Blast {
  readonly runs: number;
  readonly targets: number;
  /** Targets in the worst clock hour. */
  readonly hourMax: number;
}

export interface Replayed {
  readonly decisions: number;
  readonly changes: readonly Change[];
  readonly blast: { readonly before: Blast; readonly after: Blast };
}

/** In the order they were recorded. */
export function replay(decisions: readonly Recorded[], set: LoadedSet): Replayed {
  const answered = decisions.map((one) => ({ ...one, ...askedAgain(one.trace, set) }));
  const changes = answered.flatMap(({ run, trace, after, why }) => {
    const before = levelOf(trace.steps.map(({ level }) => level));
    return before === after ? [] : [changeOf({ run, before, after, why })];
  });
  const alone = (levels: readonly (Level | null)[]): Recorded[] =>
    decisions.filter((_, at) => (levels[at] ?? 0) >= 4);
  return {
    decisions: decisions.length,
    changes,
    blast: {
      before: blastOf(
        alone(decisions.map(({ trace }) => levelOf(trace.steps.map((step) => step.level)))),
      ),
      after: blastOf(alone(answered.map(({ after }) => after))),
    },
  };
}

/** Null when a step is not permitted, or there is none. */
function levelOf(levels: readonly (Level | null)[]): Level | null {
  return levels.includes(null)
    ? null
    : (lowestLevel(levels.flatMap((level) => level ?? [])) ?? null);
}

function askedAgain(
  trace: PolicyTrace,
  set: LoadedSet,
): { readonly after: Level | null; readonly why: string } {
  const { runbook, service } = trace;
  const answers = trace.steps.map((step) => {
    const facts = factsOf(trace, step, set);
    if (facts === undefined) {
      const why = `services.yaml names no service ${service}`;
      return { level: null, why };
    }
    const decision = set.ask({ runbook, service }, facts);
    return { level: decision.level, why: levelText(decision) };
  });
  const after = levelOf(answers.map(({ level }) => level));
  return { after, why: answers.find(({ level }) => level === after)?.why ?? '' };
}

/** What happened is as it was recorded; what services.yaml says of the service is the other set's. */
function factsOf(trace: PolicyTrace, step: StepTrace, { table }: LoadedSet): Facts | undefined {
  const service = Object.hasOwn(table.services, trace.service)
    ? table.services[trace.service]
    : undefined;
  if (service === undefined) return undefined;
  const runbook = Object.hasOwn(table.runbooks, trace.runbook)
    ? table.runbooks[trace.runbook]
    : undefined;
  const actionClass = String(step.facts.actionClass ?? '');
  const caps = [service.level, service.levels?.[actionClass], runbook?.level];
  const approvers = [service.approvalsMin, runbook?.approvalsMin].flatMap((count) => count ?? []);
  return {
    ...trace.facts,
    ...step.facts,
    tier: service.tier,
    environment: service.environment,
    ceiling: Math.min(5, ...caps.flatMap((cap) => cap ?? [])),
    approvalsMin: approvers.length === 0 ? table.approvalsMin : Math.max(...approvers),
  } as Facts;
}

function changeOf({
  run,
  before,
  after,
  why,
}: Omit<Change, 'kind' | 'says'> & { readonly why: string }): Change {
  const kind = after === null ? 'refuses' : after > (before ?? 0) ? 'acts-more' : 'acts-less';
  return {
    run,
    kind,
    before,
    after,
    says: `${before ?? 'no level'} → ${after ?? 'no level'}: ${why}`,
  };
}

function blastOf(decisions: readonly Recorded[]): Blast {
  const byHour = new Map<number, number>();
  for (const { at, targets } of decisions) {
    const hour = Math.floor(at.getTime() / hours(1));
    byHour.set(hour, (byHour.get(hour) ?? 0) + targets.length);
  }
  return {
    runs: new Set(decisions.map(({ run }) => run)).size,
    targets: new Set(decisions.flatMap(({ targets }) => targets)).size,
    hourMax: Math.max(0, ...byHour.values()),
  };
}
