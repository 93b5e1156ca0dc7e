/**
 * What stands between an adapter and its callers: one claim per operation, so that two attempts never act at once and a
 * finished one is never repeated. Knows neither Temporal nor any system.
 */
import { Failure, messageOf } from '../workflows/domain/failure.js';
import type { Json } from '../workflows/domain/json.js';
import { seconds } from '../workflows/domain/time.js';
import type { ActionAdapter, AdapterContext, EffectContext, Implementation } from './adapter.js';
import { dated } from './dated.js';
import { attend, noSwitch, type Attention, type StopWatch } from './stop-watch.js';

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
  | Claimed
  | { readonly state: 'done'; readonly result: Json }
  | { readonly state: 'busy' }
  | { readonly state: 'stopped'; readonly why: string; readonly touched: boolean };

export interface Claimed {
  readonly state: 'new' | 'again';
  readonly firstAttemptAtMs: number;
  readonly attempt: number;
  /** Every scope whose stop covers the effect, for its ear at the switch; what the caller asked with when left out. */
  readonly scopes?: readonly string[];
}

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

/** The store's memory, and what this process hears of the switch between the claims. */
interface Guarding {
  readonly operations: Operations;
  readonly watch: StopWatch;
}

export interface Surroundings {
  /** `noSwitch` when left out. */
  readonly watch?: StopWatch;
  /** Unix milliseconds: the clock that ages of observations are told by; the machine's when left out. */
  readonly now?: () => number;
}

/** Every call of the given implementations under its declared name. Two implementations of one name are a mistake. */
export function callsOf(
  implementations: readonly Implementation[],
  operations: Operations,
  { watch = noSwitch, now = Date.now }: Surroundings = {},
): ReadonlyMap<string, CallFunction> {
  const calls = new Map<string, CallFunction>();
  const add = (name: string, call: CallFunction): void => {
    if (calls.has(name)) throw new RangeError(`two adapters implement ${name}`);
    calls.set(name, call);
  };
  for (const implementation of implementations) {
    if ('fact' in implementation) add(implementation.fact.name, dated(implementation, now));
    else addAction(implementation, { operations, watch }, add);
  }
  return calls;
}

function addAction(
  { action, adapter }: Extract<Implementation, { action: unknown }>,
  guarding: Guarding,
  add: (name: string, call: CallFunction) => void,
): void {
  add(action.look.name, (input, context) => adapter.look(input, context));
  add(action.rehearse.name, (input, context) => rehearse(adapter, input, context));
  add(action.verify.name, (input, context) => adapter.verify(input, context));
  add(action.apply.name, (input: { operationId: string }, context) => {
    const effect = (held: EffectContext) => adapter.apply(input as never, held);
    const asks = { actionClass: action.class };
    return once({ ...guarding, operationId: input.operationId, context, asks }, effect);
  });
  add(action.undo.name, (input: { operationId: string }, context) => {
    const effect = (held: EffectContext) => adapter.undo(input as never, held);
    return once({ ...guarding, operationId: `${input.operationId}/undo`, context }, effect);
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

interface Once extends Guarding {
  readonly operationId: string;
  readonly context: CallContext;
  /** Left out by an undo: what was half done is taken back, stop or no stop. */
  readonly asks?: AsksTheSwitch;
}

/** Runs the effect under its claim. What the adapter says decides whether the claim is settled, kept or given back. */
async function once(
  { operations, watch, operationId, context, asks }: Once,
  effect: (context: EffectContext) => Promise<unknown>,
): Promise<unknown> {
  const askedAtMs = performance.now(); // monotonic, and it goes on while the process is paused
  const claim = await claimed(operations, operationId, asks);
  if (claim.state === 'done') return claim.result;
  if (claim.state === 'busy') throw new Busy();
  if (claim.state === 'stopped')
    throw new Failure(claim.touched ? 'unknown' : 'refused', claim.why);
  const { attempt } = claim;
  const attention = attend(watch, scopesOf(claim, asks));
  const hold = new Hold(claim, attention, askedAtMs);
  context.alive?.(() => hold.renew(() => operations.extend(operationId, attempt, claimTtlMs)));
  try {
    hold.requireSwitch();
    const result = await effect(hold.contextFor(context));
    await operations.settle(operationId, result as Json);
    return result;
  } catch (thrown) {
    const failure = thrown instanceof Failure ? thrown : new Failure('unknown', messageOf(thrown));
    const clean = isNo(failure) || !hold.mayHaveActed;
    if (failure.kind !== 'unknown') await operations.release(operationId, attempt, clean);
    throw claim.state === 'new' ? failure : wordOnAll(failure);
  } finally {
    attention.leave();
  }
}

function scopesOf(
  { scopes }: Claimed,
  asks: AsksTheSwitch | undefined,
): readonly string[] | undefined {
  return asks === undefined ? undefined : (scopes ?? ['everything', `class:${asks.actionClass}`]);
}

/** One attempt's hold on its operation: it ends with the claim's time, and with a stop. */
class Hold {
  /** A change may have been made by this attempt. */
  mayHaveActed = false;

  constructor(
    private readonly claim: Claimed,
    private readonly attention: Attention,
    private heldFromMs: number,
  ) {}

  contextFor({ signal }: AdapterContext): EffectContext {
    const { firstAttemptAtMs, attempt, state } = this.claim;
    return {
      signal,
      stopped: this.attention.signal,
      firstAttemptAtMs,
      attempt: state === 'new' ? 1 : attempt,
      requireClaim: (change) => {
        this.requireTime();
        if (change !== 'completes') this.requireSwitch();
        this.mayHaveActed = true;
      },
    };
  }

  async renew(extend: () => Promise<boolean>): Promise<boolean> {
    this.attention.look();
    const askedMs = performance.now();
    const isHeld = await extend();
    if (isHeld) this.heldFromMs = askedMs;
    return isHeld;
  }

  requireSwitch(): void {
    const word = this.attention.word();
    if (word === undefined) return;
    if (!word.isRead) throw new Failure('transient', word.why);
    throw new Failure(this.mayHaveActed ? 'unknown' : 'refused', word.why);
  }

  private requireTime(): void {
    if (performance.now() < this.heldFromMs + claimTtlMs) return;
    throw new Failure('transient', 'another attempt may have taken this operation over meanwhile');
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
