/** The real pass: the same function runs again and its steps act, exactly as approved, or the run asks again. */
import type { Action, Check } from '../actions/action.js';
import { Admission } from '../admission.js';
import { heed, listen } from '../attention.js';
import type { Notice } from '../domain/entry.js';
import { messageOf } from '../domain/failure.js';
import { same, type Json, type JsonObject } from '../domain/json.js';
import { limits } from '../domain/limits.js';
import { targetsOf, type PlannedStep, type Proposal } from '../domain/plan.js';
import { TelemetryFlaw, type ConfidencePart } from '../domain/telemetry.js';
import { stepKey } from '../journal.js';
import { Pass, type Confirmed } from '../pass.js';
import { ended, type Ending, type Progress } from '../progress.js';
import { intentOf, performStep } from '../step.js';
import { show } from '../view.js';

/** `well`: every step done, every confirmation seen. `moved`: it must propose again from where it is. */
export type Performed =
  { readonly kind: 'well' } | { readonly kind: 'moved'; readonly why: string } | Ending;

export interface ConfirmOptions {
  readonly says: string;
  readonly withinMs: number;
  readonly everyMs: number;
  readonly steadyForMs: number;
  readonly check: Check<JsonObject>;
  readonly input: JsonObject;
}

/** The confirm stage, handed in, since stages do not know each other. Undefined when the service is well. */
export type Confirm = (progress: Progress, options: ConfirmOptions) => Promise<Ending | undefined>;

export async function perform(
  progress: Progress,
  proposal: Proposal,
  confirm: Confirm,
): Promise<Performed> {
  show(progress, 'performing');
  const admission = new Admission(progress, proposal, warnings(progress, proposal));
  const begunBefore = progress.begun.length;
  for (;;) {
    const end = await new Performance(progress, { proposal, admission, confirm }).play();
    if (end.kind === 'waited') {
      admission.startOver();
      continue;
    }
    if (end.kind === 'well' && progress.begun.length === begunBefore) noteNothingDone(progress);
    return end;
  }
}

/** Else the ledger would tell of a plan and of a service that is well, and nobody could say who made it so. */
function noteNothingDone({ ledger }: Progress): void {
  const says = 'nothing was done: as the world is now, the runbook asks for no step any more';
  ledger.note({ kind: 'decision', says, detail: { steps: 0 } });
}

/** Nobody is asked at level 4 and above; people are told before it acts. */
function warnings({ ledger, alert, terms }: Progress, proposal: Proposal): Notice[] {
  if (terms === null || terms.level < 4) return [];
  const steps = proposal.steps.map((step) => step.says).join('; then ');
  const title = `${alert.name} on ${alert.service}: repairing at level ${terms.level}`;
  const text = `${steps}. belay halt ${ledger.ref.run}`;
  return terms.overseers.map((to) => ({ to, urgency: 'tell', title, text }));
}

/** Leaves the runbook's function at once; carries no message, because how it ended stands in the pass itself. */
class Left extends Error {}

function reasonOf(thrown: unknown): 'telemetry-stale' | 'runbook-error' {
  return thrown instanceof TelemetryFlaw ? 'telemetry-stale' : 'runbook-error';
}

/** `waited`: the leases had to be waited for, so the world is to be looked at again. At most once for each proposal. */
type End = Performed | { readonly kind: 'waited' };

interface Given {
  readonly proposal: Proposal;
  readonly admission: Admission;
  readonly confirm: Confirm;
}

class Performance extends Pass {
  private end: Exclude<End, { kind: 'well' }> | undefined;
  private readonly targets: readonly string[];
  private boundary: Promise<void> = Promise.resolve();

  constructor(
    progress: Progress,
    private readonly given: Given,
  ) {
    super(progress, limits.freshForMs);
    this.targets = targetsOf(given.proposal);
  }

  /** A function that swallows Left, or throws something of its own, has still ended as the pass says. */
  async play(): Promise<End> {
    try {
      await this.run();
    } catch (thrown) {
      if (!(thrown instanceof Left)) this.end ??= ended(reasonOf(thrown), messageOf(thrown));
    }
    return this.end ?? { kind: 'well' };
  }

  protected override async step(
    name: string,
    action: Action<JsonObject, Json>,
    given: JsonObject,
  ): Promise<Json> {
    const answer = this.progress.journal.find(stepKey(name));
    if (answer !== undefined) return answer.value;
    await this.stepBoundary();
    const input = { ...given, ...this.progress.modified.get(name) };
    const planned = this.rehearsed(name, action, input);
    await this.enter(planned);
    const end = await performStep(this.progress, planned, action);
    if (end.kind === 'done') return end.after;
    return this.leave(
      end.kind === 'moved'
        ? { kind: 'moved', why: end.why }
        : ended('step-failed', `step ${name}: ${end.why}`),
    );
  }

  protected override async confirm(says: string, withinMs: number, ask: Confirmed): Promise<void> {
    if (this.end !== undefined) this.leave(this.end);
    const end = await this.given.confirm(this.progress, { says, withinMs, ...ask });
    if (end !== undefined) this.leave(end);
  }

  /** One at a time: a step side by side with the one that hears a halt must not begin while the halt is still being read. */
  private stepBoundary(): Promise<void> {
    const crossed = this.boundary.then(() => this.crossBoundary());
    this.boundary = crossed.catch(() => undefined);
    return crossed;
  }

  /** Between steps is where a halt takes hold: an effect that was begun is ended and known before the run stops. */
  private async crossBoundary(): Promise<void> {
    if (this.end !== undefined) this.leave(this.end);
    const message = await listen(this.progress, {
      accept: ['halt', 'takeover', 'undo'],
      untilMs: this.progress.runtime.now(),
      says: 'the repair is being performed',
    });
    if (message === undefined) return;
    heed(this.progress, message);
    const reason = message.kind === 'takeover' ? 'taken-over' : 'halted';
    this.leave(ended(reason, `${message.by} sent ${message.kind} while the repair was performed`));
  }

  /** The step as it was approved; one that was not rehearsed, or differently, is never done. */
  private rehearsed(
    name: string,
    action: Action<JsonObject, Json>,
    input: JsonObject,
  ): PlannedStep {
    const planned = this.given.proposal.steps.find((step) => step.name === name);
    if (planned === undefined) {
      return this.leave({ kind: 'moved', why: `step ${name} was not in the plan` });
    }
    const asApproved = planned.action === action.name && same(planned.input, input);
    if (!asApproved || !this.targets.includes(action.target(input))) {
      return this.leave({ kind: 'moved', why: `step ${name} is not the one in the plan` });
    }
    return planned;
  }

  /** Policy that by now asks for more than was agreed is no end yet: it may be satisfied by asking people again. */
  private async enter(step: PlannedStep): Promise<void> {
    const entered = await this.given.admission.enter(intentOf(this.progress, step));
    if (entered.kind === 'in') return;
    if (entered.kind === 'waited') this.leave(entered);
    const { gate, reason, why } = entered;
    this.leave(gate === 'policy' ? { kind: 'moved', why } : ended(reason, why));
  }

  /** The gates did not know of it: they are asked again, and then people, with a proposal that shows it. */
  protected override doubt({ what, why }: ConfidencePart): void {
    const { confidence } = this.given.proposal;
    const shown = confidence?.parts.some((part) => part.what === what && part.flawed === true);
    if (shown === true) return;
    const says = `asks again: ${what}: ${why}`;
    this.progress.ledger.note({ kind: 'decision', says, reason: 'telemetry-stale' });
    this.leave({ kind: 'moved', why: `${what}: ${why}` });
  }

  private leave(end: Exclude<End, { kind: 'well' }>): never {
    this.end ??= end;
    throw new Left();
  }
}
