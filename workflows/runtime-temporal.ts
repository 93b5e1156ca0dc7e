/** The Runtime on Temporal: short calls are local activities, effects are ordinary ones, messages are signals. */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  condition,
  defineQuery,
  defineSignal,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setCurrentDetails,
  setDefaultSignalHandler,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { Call } from './actions/action.js';
import { lookAtClock } from './actions/clock.js';
import { Failure, isFailureKind, messageOf, type FailureKind } from './domain/failure.js';
import { limits } from './domain/limits.js';
import { seconds } from './domain/time.js';
import { markEffect } from './effect-mark.js';
import {
  boundName,
  intakeMessages,
  operatorMessages,
  parseMessage,
  statusQuery,
  type Message,
  type Unintelligible,
} from './messages.js';
import { recordedClock } from './patches.js';
import { RecordedClock } from './recorded-clock.js';
import type { Effect, Effected, Offer, Runtime, RunStatus } from './runtime.js';
import { AttributeBoard } from './search-attributes.js';
import { cutToBytes } from './text.js';

type AnyActivity = (input: unknown, askedAtMs?: number) => Promise<unknown>;

/** A lost worker is noticed after this long; the wrapper around every effect heartbeats faster. */
const heartbeatTimeoutMs = seconds(3);

export class TemporalRuntime implements Runtime {
  readonly id = workflowInfo().workflowId;
  private readonly inbox: (Message | Unintelligible)[] = [];
  private readonly ordinals = new Map<string, number>();
  private readonly attributes = new AttributeBoard();
  private offered: readonly string[] = [];
  private status: RunStatus | undefined;

  constructor(private readonly clock: RecordedClock | null = clockOfRun()) {
    for (const [name, description] of Object.entries({ ...operatorMessages, ...intakeMessages })) {
      this.receive(name, description);
    }
    setDefaultSignalHandler((name, ...payloads) => this.arrive(name, payloads[0]));
    setHandler(defineQuery<RunStatus | null>(statusQuery), () => this.status ?? null);
    this.haltWhenCancelled();
  }

  now(): number {
    return this.clock?.now() ?? Date.now();
  }

  async ask<Input, Output>(call: Call<Input, Output>, input: Input, says: string): Promise<Output> {
    try {
      return await this.called(call, input, says);
    } catch (thrown) {
      await this.timePassed();
      throw new Failure(failureOf(thrown), whyOf(thrown));
    }
  }

  private async called<Input, Output>(
    call: Call<Input, Output>,
    input: Input,
    says: string,
  ): Promise<Output> {
    const calls = proxyLocalActivities<Record<string, AnyActivity>>({
      startToCloseTimeout: call.timeoutMs,
      retry: retryOf(call),
      summary: cutToBytes(says, limits.summaryBytesMax),
    });
    if (this.clock === null) return (await calls[call.name]?.(input)) as Output;
    return this.clock.heard(await calls[call.name]?.(input, Date.now())) as Output;
  }

  /**
   * After a wait whose end brings no time along: what is decided next is not decided by an old hour. It is tried until a worker
   * answers; one that says it has no clock at all leaves the time as it was.
   */
  private async timePassed(): Promise<void> {
    if (this.clock === null) return;
    await this.called(lookAtClock, null, 'what time it is').catch(() => undefined);
  }

  async act<Input, Output>(effect: Effect<Input, Output>): Promise<Effected<Output>> {
    const { call, input, operationId, says } = effect;
    const remote = proxyActivities<Record<string, AnyActivity>>({
      startToCloseTimeout: call.timeoutMs,
      heartbeatTimeout: heartbeatTimeoutMs,
      retry: retryOf(call),
      summary: cutToBytes(says, limits.summaryBytesMax),
    });
    try {
      const output = await remote[call.name]?.(markEffect(input, operationId));
      return { kind: 'applied', output: output as Output };
    } catch (thrown) {
      const kind = failureOf(thrown);
      return { kind: kind === 'transient' ? 'unknown' : kind, why: whyOf(thrown) };
    } finally {
      await this.timePassed();
    }
  }

  async sleep(durationMs: number, says: string): Promise<void> {
    await sleep(durationMs, { summary: cutToBytes(says, limits.summaryBytesMax) });
    await this.timePassed();
  }

  /** A message that came in the same instant as the timeout counts: the inbox is looked at last. */
  async next(untilMs: number, says: string): Promise<Message | Unintelligible | undefined> {
    const leftMs = untilMs - this.now();
    if (this.inbox.length === 0 && leftMs > 0) {
      const summary = cutToBytes(says, limits.summaryBytesMax);
      await condition(() => this.inbox.length > 0, leftMs, { summary });
      await this.timePassed();
    }
    return this.inbox.shift();
  }

  show(status: RunStatus): void {
    this.status = status;
    setCurrentDetails(cutToBytes(status.details, limits.detailsBytesMax));
    this.attributes.pin(status);
    this.offer(status.offers);
  }

  /** Offered names need no input in Temporal's UI; a name that is withdrawn falls to the default handler, as late. */
  private offer(offers: readonly Offer[]): void {
    const wanted = new Map(
      offers.map((offer) => [boundName(offer.kind, offer.gate, offer.planHash8), offer.says]),
    );
    for (const name of this.offered) {
      if (!wanted.has(name)) setHandler(defineSignal<[unknown]>(name), undefined);
    }
    for (const [name, says] of wanted) this.receive(name, says);
    this.offered = [...wanted.keys()];
  }

  private receive(name: string, description: string): void {
    setHandler(defineSignal<[unknown]>(name), (payload) => this.arrive(name, payload), {
      description: cutToBytes(description, limits.summaryBytesMax),
    });
  }

  /** Total: parsing never throws, and nothing but the inbox is touched. */
  private arrive(signal: string, payload: unknown): void {
    const ordinal = this.ordinals.get(signal) ?? 0;
    this.ordinals.set(signal, ordinal + 1);
    this.inbox.push(parseMessage({ signal, ordinal, atMs: this.now(), payload }));
  }

  /** Temporal's own cancel is a halt: it must take back what was done, not leave it lying. */
  private haltWhenCancelled(): void {
    CancellationScope.current().cancelRequested.catch(() => {
      this.arrive('halt', { by: 'cancel request of Temporal' });
    });
  }
}

/** Null in a run that began before there was one: it goes on by Temporal's own. */
function clockOfRun(): RecordedClock | null {
  return patched(recordedClock.id) ? new RecordedClock(workflowInfo().startTime.getTime()) : null;
}

function retryOf(call: { readonly attemptsMax: number }): {
  maximumAttempts: number;
  initialInterval: number;
  backoffCoefficient: number;
  maximumInterval: number;
} {
  return {
    maximumAttempts: Math.min(call.attemptsMax, 0x7fffffff),
    initialInterval: 250,
    backoffCoefficient: 2,
    maximumInterval: seconds(10),
  };
}

/** Timeouts and lost workers are `unknown`; what an adapter threw carries its kind as the failure's type. */
function failureOf(thrown: unknown): FailureKind {
  const cause = thrown instanceof ActivityFailure ? thrown.cause : thrown;
  if (cause instanceof ApplicationFailure && isFailureKind(cause.type)) return cause.type;
  return 'unknown';
}

function whyOf(thrown: unknown): string {
  return messageOf(thrown instanceof ActivityFailure ? (thrown.cause ?? thrown) : thrown);
}
