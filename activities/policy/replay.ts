/** Recorded decisions asked again of another set: what it would have said, and how much it would have touched alone. Pure. */
import { lowestLevel, type Level } from '../../workflows/domain/level.js';
import type { Reason } from '../../workflows/domain/reason.js';
import { hours } from '../../workflows/domain/time.js';
import { isExcepted, unapprovedIn } from './approved.js';
import type { Facts } from './fact.js';
import { approvalsFor, ceilingFor, serviceNamed } from './inventory.js';
import type { LoadedSet } from './set.js';
import { levelText, type PolicyTrace, type StepTrace } from './trace.js';

/** What a decision left in the ledger. */
export interface Recorded {
  readonly run: string;
  readonly at: Date;
  /** Of the gate that did not pass; null when all did. */
  readonly reason: Reason | null;
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

/** Takes decisions in the order they were recorded, as many as there are; keeps of them what changes and what is touched. */
export class Replay {
  private decisions = 0;
  private readonly changes: Change[] = [];
  private readonly before = new BlastCount();
  private readonly after = new BlastCount();

  constructor(private readonly set: LoadedSet) {}

  take(recorded: Recorded): void {
    const before = levelOf(recorded.trace.steps.map(({ level }) => level));
    const { after, why } = askedAgain(recorded, this.set);
    this.decisions += 1;
    if (before !== after) this.changes.push(changeOf({ run: recorded.run, before, after, why }));
    if (heldElsewhere(recorded)) return;
    if (actsAlone(before)) this.before.take(recorded);
    if (actsAlone(after)) this.after.take(recorded);
  }

  result(): Replayed {
    const { decisions, changes, before, after } = this;
    return { decisions, changes, blast: { before: before.result(), after: after.result() } };
  }
}

/** A gate that is no policy said no, and would have said it again. */
function heldElsewhere({ reason }: Recorded): boolean {
  return reason !== null && !['policy-forbids', 'not-approved', 'advise-only'].includes(reason);
}

function actsAlone(level: Level | null): boolean {
  return level !== null && level >= 4;
}

/** Null when a step is not permitted, or there is none. */
function levelOf(levels: readonly (Level | null)[]): Level | null {
  return levels.includes(null)
    ? null
    : (lowestLevel(levels.flatMap((level) => level ?? [])) ?? null);
}

function askedAgain(
  { trace, at }: Recorded,
  set: LoadedSet,
): { readonly after: Level | null; readonly why: string } {
  const { runbook, service } = trace;
  const answers = trace.steps.map((step) => {
    const facts = factsOf(step, { trace, set, atMs: at.getTime() });
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

interface Then {
  readonly trace: PolicyTrace;
  readonly set: LoadedSet;
  readonly atMs: number;
}

/** What happened is as it was recorded; what files say of service, runbook and resource is the other set's. */
function factsOf(step: StepTrace, { trace, set, atMs }: Then): Facts | undefined {
  const { table, approved } = set;
  const service = serviceNamed(table, trace.service);
  if (service === undefined) return undefined;
  const actionClass = String(step.facts.actionClass ?? '');
  const resource = step.resource;
  return {
    ...trace.facts,
    ...step.facts,
    tier: service.tier,
    environment: service.environment,
    ceiling: ceilingFor(table, trace, actionClass)?.level ?? 5,
    approvalsMin: approvalsFor(table, trace),
    excepted: isExcepted(approved, { runbook: trace.runbook, actionClass, nowMs: atMs }),
    ...(resource === undefined ? {} : { approved: unapprovedIn(approved, resource) === null }),
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

class BlastCount {
  private readonly runs = new Set<string>();
  private readonly targets = new Set<string>();
  private readonly byHour = new Map<number, number>();

  take({ run, at, targets }: Recorded): void {
    const hour = Math.floor(at.getTime() / hours(1));
    this.runs.add(run);
    for (const target of targets) this.targets.add(target);
    this.byHour.set(hour, (this.byHour.get(hour) ?? 0) + targets.length);
  }

  result(): Blast {
    const hourMax = [...this.byHour.values()].reduce((most, count) => Math.max(most, count), 0);
    return { runs: this.runs.size, targets: this.targets.size, hourMax };
  }
}
