/** The rehearsal: the runbook's function runs, observations really happen, steps only plan. Changes nothing. */
import type { Action } from '../actions/action.js';
import { irreversibleBecause } from '../actions/action.js';
import { outOfBounds } from '../domain/bound.js';
import { Failure, messageOf } from '../domain/failure.js';
import type { Json, JsonObject } from '../domain/json.js';
import { limits } from '../domain/limits.js';
import { planHashOf, shortHash, type PlannedStep, type Proposal } from '../domain/plan.js';
import { confidenceOf, TelemetryFlaw, type ConfidencePart } from '../domain/telemetry.js';
import { stepKey } from '../journal.js';
import { ended, type Ending, type Progress } from '../progress.js';
import { Pass } from '../pass.js';

/** The proposal, or why there can be none. What is done already is answered by the journal; the rest is rehearsed. */
export async function propose(progress: Progress, round: number): Promise<Proposal | Ending> {
  const rehearsal = new Rehearsal(progress);
  const stopped = await rehearsal.play();
  if (stopped !== undefined) return stopped;
  const proposal = rehearsal.proposal(round);
  if (proposal.steps.length === 0 && proposal.done.length === 0) {
    return ended('nothing-to-do', proposal.because.at(-1) ?? 'the runbook proposed no step');
  }
  progress.proposal = proposal;
  note(progress, proposal);
  return proposal;
}

function note(progress: Progress, proposal: Proposal): void {
  const steps = proposal.steps.map((step) => step.says).join('; then ');
  progress.ledger.note({
    kind: 'proposal',
    says: `plan ${shortHash(proposal.planHash)}: ${steps === '' ? 'nothing more to change' : steps}`,
    expected: proposal.steps.map(({ name, expected }) => ({ step: name, expected })),
    detail: { ...proposal, steps: proposal.steps.map((step) => ({ ...step })) } as unknown as Json,
  });
}

class Rehearsal extends Pass {
  private readonly planned: PlannedStep[] = [];
  private asked = 0;
  private readonly done: string[] = [];
  private readonly confirmations: { says: string; withinMs: number }[] = [];
  private readonly reasons: string[] = [];
  private readonly parts: ConfidencePart[] = [];

  constructor(progress: Progress) {
    super(progress, 0);
  }

  async play(): Promise<Ending | undefined> {
    try {
      await this.run();
      return undefined;
    } catch (thrown) {
      if (thrown instanceof TelemetryFlaw) return ended('telemetry-stale', messageOf(thrown));
      const reason = thrown instanceof Failure ? 'unobservable' : 'runbook-error';
      return ended(reason, messageOf(thrown));
    }
  }

  proposal(round: number): Proposal {
    const plan = {
      runbook: this.progress.runbook.meta.name,
      steps: this.planned.filter(() => true), // a step that was not rehearsed leaves a hole
      done: this.done,
      confirmations: this.confirmations,
    };
    const confidence = confidenceOf(this.parts);
    return { ...plan, round, because: this.reasons, confidence, planHash: planHashOf(plan) };
  }

  /** Branches side by side answer in any order: a step's place is where the function asked for it. */
  protected override async step(
    name: string,
    action: Action<JsonObject, Json>,
    given: JsonObject,
  ): Promise<Json> {
    const answer = this.progress.journal.find(stepKey(name));
    if (answer !== undefined) {
      this.done.push(name);
      return answer.value;
    }
    if (this.asked >= limits.stepsMax) {
      throw new RangeError(`the runbook proposes more than ${limits.stepsMax} steps`);
    }
    const input = { ...given, ...this.progress.modified.get(name) };
    requireBounds(name, action, input);
    const says = action.describe(input);
    const place = this.asked;
    this.asked += 1;
    const { before, expected } = await this.progress.runtime.ask(action.rehearse, input, says);
    this.planned[place] = {
      name,
      action: action.name,
      actionClass: action.class,
      target: action.target(input),
      says,
      input,
      before,
      expected,
      irreversible: irreversibleBecause(action) ?? null,
      bounds: action.bounds,
      ...(action.resource === 'none' ? {} : { resource: action.resource(input) }),
    };
    return expected;
  }

  protected override confirm(says: string, withinMs: number): Promise<void> {
    this.confirmations.push({ says, withinMs });
    return Promise.resolve();
  }

  protected override weigh(part: ConfidencePart): void {
    this.parts.push(part);
  }

  protected override because(why: string): void {
    this.reasons.push(why.slice(0, limits.textMax));
  }
}

/** The bounds hold for the runbook's own numbers too: it may have them from an alert. A field that is left out has none. */
function requireBounds(
  name: string,
  { bounds }: Action<JsonObject, Json>,
  input: JsonObject,
): void {
  for (const [field, bound] of Object.entries(bounds)) {
    const value = input[field];
    const why = value === undefined ? undefined : outOfBounds(field, value, bound);
    if (why !== undefined) throw new RangeError(`step ${name}: ${why}`);
  }
}
