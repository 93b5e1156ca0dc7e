/** One pass of a runbook's function: what rehearsal and performance have in common. Changes nothing itself. */
import type { Action, Check, Fact } from './actions/action.js';
import { canary } from './canary.js';
import type { Alert } from './domain/alert.js';
import type { Json, JsonObject } from './domain/json.js';
import { limits } from './domain/limits.js';
import {
  agreement,
  needsOf,
  partOf,
  TelemetryFlaw,
  type ConfidencePart,
  type DecisionNeeds,
  type TelemetryNeeds,
} from './domain/telemetry.js';
import { ObservationKeys } from './journal.js';
import type { Progress } from './progress.js';
import type { Confirmation, Run, Runbook } from './runbook.js';

/** What is looked at, how often, and for how long it must be well. */
export interface Confirmed {
  readonly check: Check<JsonObject>;
  readonly input: JsonObject;
  readonly everyMs: number;
  readonly steadyForMs: number;
}

export abstract class Pass {
  private readonly keys = new ObservationKeys();
  private readonly names = new Set<string>();
  private readonly inFlight = new Set<Promise<unknown>>();
  /**
   * What this pass observes counts as seen then. Not when its answer came: of several at once a replay gets all answers in one
   * instant, so that what is decided by the time of one would be decided otherwise.
   */
  private readonly beganMs: number;

  /** To a pass with `freshForMs` of 0 nothing is fresh but what it observes itself. */
  constructor(
    protected readonly progress: Progress,
    freshForMs: number,
  ) {
    this.beganMs = progress.runtime.now();
    progress.journal.rewind(this.beganMs - freshForMs);
  }

  protected abstract step(
    name: string,
    action: Action<JsonObject, Json>,
    input: JsonObject,
  ): Promise<Json>;
  protected abstract confirm(says: string, withinMs: number, ask: Confirmed): Promise<void>;
  protected because(_why: string): void {}
  protected weigh(_part: ConfidencePart): void {}
  /** A flaw that does not refuse by itself: people are to decide. */
  protected doubt(_part: ConfidencePart): void {}

  /** Plays the function to its end; returns or throws only when none of its verbs is still at work. */
  protected async run(): Promise<void> {
    try {
      await this.progress.runbook.body(this.verbs(''), this.progress.alert);
    } finally {
      while (this.inFlight.size > 0) await Promise.allSettled([...this.inFlight]);
    }
  }

  private verbs(scope: string): Run {
    const run: Run = {
      observe: (fact, input, needs) => this.track(this.observe(fact, input, needs)),
      step: (name, action, input) => {
        const step = this.step(this.named(scope + name), forget(action), input as JsonObject);
        return this.track(step) as Promise<never>;
      },
      confirm: (says, check, input, options) => {
        return this.track(this.confirmation(says, { check, input, options: options ?? {} }));
      },
      because: (why) => this.because(why),
      agree: (what, ...values) => this.heed(agreement(what, values)),
      all: (branches) => allEnded(branches),
      canary: (targets, stages, each) => canary(run, { targets, stages, each }),
      call: (runbook: Runbook, alert: Alert) => {
        return runbook.body(this.verbs(`${scope}${runbook.meta.name}/`), alert);
      },
    };
    return run;
  }

  private async observe<Input, Output>(
    fact: Fact<Input, Output>,
    input: Input,
    wanted?: DecisionNeeds,
  ): Promise<Output> {
    const { journal, runtime } = this.progress;
    const needs = needsOf(fact.name, fact.telemetry, wanted);
    const key = this.keys.next(fact.name, input);
    const answer = journal.find(key);
    if (answer !== undefined) return this.judged(fact.name, needs, answer.value as Output);
    const seen = await runtime.ask(fact, input, fact.name);
    journal.observed(key, seen as Json, this.beganMs);
    return this.judged(fact.name, needs, seen);
  }

  /** By what is in the answer alone: a replay must judge it alike, whatever the hour. */
  private judged<Output>(name: string, needs: TelemetryNeeds | undefined, seen: Output): Output {
    const part = partOf(name, needs, seen);
    if (needs?.whenFlawed === 'refuse') this.heed(part);
    else this.weigh(part);
    if (part.flawed === true) this.doubt(part);
    return seen;
  }

  /** A function that catches what is thrown here takes another way, and people decide on that: the part stays flawed. */
  private heed(part: ConfidencePart): void {
    this.weigh(part);
    if (part.flawed === true) throw new TelemetryFlaw(`${part.what}: ${part.why}`);
  }

  private confirmation<Input>(
    says: string,
    asked: { check: Check<Input>; input: Input; options: Confirmation },
  ): Promise<void> {
    const { withinMs = limits.confirmWithinMs, everyMs = limits.confirmEveryMs } = asked.options;
    const { steadyForMs = 0 } = asked.options;
    if (steadyForMs > 0 && steadyForMs >= withinMs)
      throw new RangeError(`"${says}" can never be confirmed: steadyForMs must be below withinMs`);
    const check = asked.check as unknown as Check<JsonObject>;
    const input = asked.input as JsonObject;
    return this.confirm(says, withinMs, { check, input, everyMs, steadyForMs });
  }

  private named(name: string): string {
    if (this.names.has(name)) throw new RangeError(`the step name "${name}" is used twice`);
    this.names.add(name);
    return name;
  }

  private track<Result>(work: Promise<Result>): Promise<Result> {
    this.inFlight.add(work);
    const forgetIt = (): unknown => this.inFlight.delete(work);
    work.then(forgetIt, forgetIt);
    return work;
  }
}

/** Every branch ends before the first failure goes on: nothing keeps acting behind an unwinding run. */
async function allEnded<Result>(branches: readonly (() => Promise<Result>)[]): Promise<Result[]> {
  const ends = await Promise.allSettled(branches.map((branch) => branch()));
  return ends.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
}

function forget<Input, State>(action: Action<Input, State>): Action<JsonObject, Json> {
  return action as unknown as Action<JsonObject, Json>;
}
