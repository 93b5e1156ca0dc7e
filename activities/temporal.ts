/**
 * Turns calls into Temporal activities: heartbeats, shutdown and failures in Temporal's words, and the second guard that a
 * changing activity was scheduled by a step. Knows no system and no store.
 */
import {
  ApplicationFailure,
  CancelledFailure,
  Context,
  type ActivityFunction,
} from '@temporalio/activity';
import { defaultPayloadConverter } from '@temporalio/common';
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker';
import { changesTheWorld, operationHeader } from '../workflows/actions/action.js';
import { lookAtClock, type Told } from '../workflows/actions/clock.js';
import { Failure, messageOf, type FailureKind } from '../workflows/domain/failure.js';
import { seconds } from '../workflows/domain/time.js';
import { Busy, type CallFunction } from './effects.js';

/** A third of the heartbeat timeout and of the claim's time to live: two may go missing. */
const beatEveryMs = seconds(1);

/** One activity per call, under the same name, and the clock; those that change the world also heartbeat. */
export function activitiesOf(
  calls: ReadonlyMap<string, CallFunction>,
): Record<string, ActivityFunction> {
  const activities: Record<string, ActivityFunction> = {
    [lookAtClock.name]: readingActivity(() => Promise.resolve(null)),
  };
  for (const [name, call] of calls) {
    activities[name] = changesTheWorld(name) ? effectActivity(call) : readingActivity(call);
  }
  return activities;
}

function readingActivity(call: CallFunction): ActivityFunction {
  return async (input: unknown, askedAtMs?: number) => {
    const answer = timed(askedAtMs);
    const { cancellationSignal, info } = Context.current();
    const stop = new AbortController();
    const stopIt = (): void => {
      stop.abort(cancellationSignal.reason);
    };
    cancellationSignal.addEventListener('abort', stopIt);
    // Not AbortSignal.timeout: that one lives on after the call, and there are a dozen calls in a run.
    const deadline = setTimeout(() => {
      stop.abort(new Failure('transient', 'it had no answer in time'));
    }, info.startToCloseTimeoutMs);
    try {
      return answer(await translated(call(input as never, { signal: stop.signal }), 'transient'));
    } finally {
      clearTimeout(deadline);
      cancellationSignal.removeEventListener('abort', stopIt);
    }
  };
}

/** The answer alone to who did not say when it asked. No clock of this machine is read, only how long things took. */
function timed(askedAtMs: number | undefined): (answer: unknown) => unknown {
  if (askedAtMs === undefined) return (answer) => answer;
  const beganMs = performance.now();
  const { scheduledTimestampMs, currentAttemptScheduledTimestampMs } = Context.current().info;
  const earlierMs = Math.max(0, currentAttemptScheduledTimestampMs - scheduledTimestampMs);
  return (answer): Told => {
    const tookMs = earlierMs + performance.now() - beganMs;
    return { answer, atMs: Math.round(askedAtMs + tookMs) };
  };
}

/** An effect ends itself before Temporal may start another attempt: at its deadline, or when its claim was lost. */
function effectActivity(call: CallFunction): ActivityFunction {
  return async (input: unknown) => {
    const context = Context.current();
    const stop = new AbortController();
    const deadline = AbortSignal.timeout(context.info.startToCloseTimeoutMs);
    const signal = AbortSignal.any([context.cancellationSignal, deadline, stop.signal]);
    let stillHeld = (): Promise<boolean> => Promise.resolve(true);
    const beat = async (): Promise<void> => {
      context.heartbeat();
      const held = await stillHeld().catch(() => true);
      if (!held) stop.abort(new Failure('unknown', 'another attempt took this operation over'));
    };
    const beating = setInterval(() => void beat(), beatEveryMs);
    try {
      const alive = (ask: () => Promise<boolean>): void => {
        stillHeld = ask;
      };
      return await translated(call(input as never, { signal, alive }), 'unknown');
    } finally {
      clearInterval(beating);
    }
  };
}

/**
 * The failure's type is its kind; only transient ones are tried again. What nobody foresaw is `unknown` for an effect,
 * and worth another attempt for a reading.
 */
async function translated(work: Promise<unknown>, unforeseen: FailureKind): Promise<unknown> {
  try {
    return (await work) ?? null;
  } catch (thrown) {
    if (thrown instanceof CancelledFailure) throw thrown;
    const kind = thrown instanceof Failure ? thrown.kind : unforeseen;
    throw ApplicationFailure.create({
      message: messageOf(thrown),
      type: kind,
      nonRetryable: kind !== 'transient',
      ...(thrown instanceof Busy ? { nextRetryDelay: thrown.retryAfterMs } : {}),
    });
  }
}

/** Refuses an activity that changes the world and does not carry its step's operation id. */
export class StepGuard implements ActivityInboundCallsInterceptor {
  execute: NonNullable<ActivityInboundCallsInterceptor['execute']> = (input, next) => {
    const { activityType } = Context.current().info;
    if (!changesTheWorld(activityType)) return next(input);
    const header = input.headers[operationHeader];
    const operation = header === undefined ? '' : defaultPayloadConverter.fromPayload(header);
    const named = (input.args[0] as { operationId?: unknown } | undefined)?.operationId;
    const matches =
      typeof named === 'string' && typeof operation === 'string' && operation.startsWith(named);
    if (!matches || named === '') {
      throw ApplicationFailure.nonRetryable(
        `${activityType} was not scheduled by a step`,
        'refused',
      );
    }
    return next(input);
  };
}
