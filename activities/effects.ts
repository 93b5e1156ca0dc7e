/**
 * What stands between an adapter and its callers: one claim per operation, so that two attempts never act at once and a
 * finished one is never repeated. Knows neither Temporal nor any system.
 */
import { Failure, messageOf } from '../workflows/domain/failure.js';
import type { Json } from '../workflows/domain/json.js';
import { seconds } from '../workflows/domain/time.js';
import type { ActionAdapter, AdapterContext, EffectContext, Implementation } from './adapter.js';

/** The store's memory of effects, by operation id. */
export interface Operations {
  /** With `asks`, an operation that would begin something new is refused while a stop covers it. */
  claim(operationId: string, ttlMs: number, asks?: AsksTheSwitch): Promise<Claim>;
  /** False when the claim was lost: the attempt must stop before its next effect. */
  extend(operationId: string, attempt: number, ttlMs: number): Promise<boolean>;
  /** The effect is done; every later claim answers with this result. */
  settle(operationId: string, result: Json): Promise<void>;
  /** The attempt ended, and another may follow at once; `clean` when it changed nothing. */
  release(operationId: string, attempt: number, clean: boolean): Promise<void>;
}

/** The scope of a stop that only the caller knows; the run's own the store knows. */
export interface AsksTheSwitch {
  readonly actionClass: string;
}

/** `again`, `touched`: an earlier attempt may have taken effect. */
export type Claim =
  | { readonly state: 'new' | 'again'; readonly firstAttemptAtMs: number; readonly attempt: number }
  | { readonly state: 'done'; readonly result: Json }
  | { readonly state: 'busy' }
  | { readonly state: 'stopped'; readonly why: string; readonly touched: boolean };

/** A claim outlives its last sign of life by this much: long beside a heartbeat, short beside an incident. */
export const claimTtlMs = seconds(3);

/** Another attempt holds the operation; worth trying again once its claim has run out. */
export class Busy extends Failure {
  readonly retryAfterMs = claimTtlMs;
  constructor() {
    super('transient', 'an earlier attempt of this operation may still be at work');
  }
}

/** What a caller gives to each call beside its input. */
export interface CallContext extends AdapterContext {
  /** Called with a function that tells whether the attempt still holds its operation; effects only. */
  readonly alive?: (stillHeld: () => Promise<boolean>) => void;
}

export type CallFunction = (input: never, context: CallContext) => Promise<unknown>;

/** Every call of the given implementations under its declared name. Two implementations of one name are a mistake. */
export function callsOf(
  implementations: readonly Implementation[],
  operations: Operations,
): ReadonlyMap<string, CallFunction> {
  const calls = new Map<string, CallFunction>();
  const add = (name: string, call: CallFunction): void => {
    if (calls.has(name)) throw new RangeError(`two adapters implement ${name}`);
    calls.set(name, call);
  };
  for (const implementation of implementations) {
    if ('fact' in implementation) add(implementation.fact.name, implementation.adapter);
    else addAction(implementation, operations, add);
  }
  return calls;
}

function addAction(
  { action, adapter }: Extract<Implementation, { action: unknown }>,
  operations: Operations,
  add: (name: string, call: CallFunction) => void,
): void {
  add(action.look.name, (input, context) => adapter.look(input, context));
  add(action.rehearse.name, (input, context) => rehearse(adapter, input, context));
  add(action.verify.name, (input, context) => adapter.verify(input, context));
  add(action.apply.name, (input: { operationId: string }, context) => {
    const effect = (held: EffectContext) => adapter.apply(input as never, held);
    const asks = { actionClass: action.class };
    return once({ operations, operationId: input.operationId, context, asks }, effect);
  });
  add(action.undo.name, (input: { operationId: string }, context) => {
    const effect = (held: EffectContext) => adapter.undo(input as never, held);
    return once({ operations, operationId: `${input.operationId}/undo`, context }, effect);
  });
}

async function rehearse(
  adapter: ActionAdapter<never, unknown>,
  input: never,
  context: AdapterContext,
): Promise<unknown> {
  const before = await adapter.look(input, context);
  const expected = await adapter.plan({ input, before: before });
  return { before, expected };
}

interface Once {
  readonly operations: Operations;
  readonly operationId: string;
  readonly context: CallContext;
  /** Left out by an undo: what was half done is taken back, stop or no stop. */
  readonly asks?: AsksTheSwitch;
}

/** Runs the effect under its claim. What the adapter says decides whether the claim is settled, kept or given back. */
async function once(
  { operations, operationId, context, asks }: Once,
  effect: (context: EffectContext) => Promise<unknown>,
): Promise<unknown> {
  let heldFromMs = performance.now(); // monotonic, and it goes on while the process is paused
  const claim = await claimed(operations, operationId, asks);
  if (claim.state === 'done') return claim.result;
  if (claim.state === 'busy') throw new Busy();
  if (claim.state === 'stopped')
    throw new Failure(claim.touched ? 'unknown' : 'refused', claim.why);
  const { attempt, firstAttemptAtMs } = claim;
  const isFirst = claim.state === 'new';
  let mayHaveActed = false;
  context.alive?.(async () => {
    const askedMs = performance.now();
    const isHeld = await operations.extend(operationId, attempt, claimTtlMs);
    if (isHeld) heldFromMs = askedMs;
    return isHeld;
  });
  const requireClaim = (): void => {
    mayHaveActed = performance.now() < heldFromMs + claimTtlMs;
    if (mayHaveActed) return;
    throw new Failure('transient', 'another attempt may have taken this operation over meanwhile');
  };
  try {
    const { signal } = context;
    const held = { signal, firstAttemptAtMs, attempt: isFirst ? 1 : attempt, requireClaim };
    const result = await effect(held);
    await operations.settle(operationId, result as Json);
    return result;
  } catch (thrown) {
    const failure = thrown instanceof Failure ? thrown : new Failure('unknown', messageOf(thrown));
    const clean = isNo(failure) || !mayHaveActed;
    if (failure.kind !== 'unknown') await operations.release(operationId, attempt, clean);
    throw isFirst ? failure : wordOnAll(failure);
  }
}

function isNo({ kind }: Failure): boolean {
  return kind === 'refused' || kind === 'failed';
}

/** A no speaks of one attempt; where an earlier one may have taken effect it is no word on the operation. */
function wordOnAll(failure: Failure): Failure {
  if (!isNo(failure)) return failure;
  return new Failure('unknown', `${failure.message}; an earlier attempt may have taken effect`);
}

/** Nothing was touched yet: once the store answers again, another attempt may go on. */
async function claimed(
  operations: Operations,
  operationId: string,
  asks: AsksTheSwitch | undefined,
): Promise<Claim> {
  try {
    return await operations.claim(operationId, claimTtlMs, asks);
  } catch (thrown) {
    throw new Failure('transient', `the operation could not be claimed: ${messageOf(thrown)}`);
  }
}
