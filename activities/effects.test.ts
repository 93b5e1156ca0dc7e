/** One claim for one effect: an attempt that may have lost its operation makes no change any more. */
import { describe, expect, test } from '@jest/globals';
import { defineAction } from '../workflows/actions/action.js';
import { Failure } from '../workflows/domain/failure.js';
import { implementAction, type EffectContext } from './adapter.js';
import { callsOf, claimTtlMs, type CallContext, type Operations } from './effects.js';
import { noSwitch, type StopWatch, type StopWord } from './stop-watch.js';

const never = new AbortController().signal;
const limits = { timeoutMs: 1_000, attemptsMax: 3 };
const touch = defineAction<{ what: string }, string>({
  name: 'thing.touch',
  class: 'touch',
  reversal: 'undo',
  resource: 'none',
  target: ({ what }) => what,
  describe: ({ what }) => `touch ${what}`,
  reading: limits,
  changing: limits,
});

const held: Operations = {
  claim: () => Promise.resolve({ state: 'new', firstAttemptAtMs: 0, attempt: 1 }),
  extend: () => Promise.resolve(true),
  settle: () => Promise.resolve(),
  release: () => Promise.resolve(),
};

/** Nothing of this process goes on meanwhile, as under SIGSTOP. */
function paused(durationMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);
}

interface Given {
  readonly operations?: Operations;
  readonly context?: Partial<CallContext>;
  readonly watch?: StopWatch;
  readonly apply: (context: EffectContext) => Promise<string>;
}

async function touched({
  operations = held,
  context = {},
  watch = noSwitch,
  apply,
}: Given): Promise<unknown> {
  const adapter = implementAction(touch, {
    look: () => Promise.resolve(''),
    plan: () => '',
    apply: (_, given) => apply(given),
    verify: () => Promise.resolve({ well: true, seen: '' }),
    undo: () => Promise.resolve(''),
  });
  const call = callsOf([adapter], operations, { watch }).get('thing.touch.apply');
  if (call === undefined) throw new Error('it is not implemented');
  return call({ operationId: 'run/step' } as never, { signal: never, ...context });
}

async function kindOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'applied',
    (thrown: unknown) => (thrown instanceof Failure ? thrown.kind : thrown),
  );
}

test('an attempt that was paused for longer than its claim lasts makes no change when it goes on', async () => {
  const apply = (context: EffectContext): Promise<string> => {
    paused(claimTtlMs + 50);
    context.requireClaim();
    return Promise.resolve('touched');
  };
  expect(await kindOf(touched({ apply }))).toBe('transient');
});

test('an attempt whose claim was renewed meanwhile goes on', async () => {
  let renew = (): Promise<boolean> => Promise.resolve(false);
  const alive = (ask: () => Promise<boolean>): void => {
    renew = ask;
  };
  const apply = async (context: EffectContext): Promise<string> => {
    paused(claimTtlMs + 50);
    await renew();
    context.requireClaim();
    return 'touched';
  };
  expect(await kindOf(touched({ apply, context: { alive } }))).toBe('applied');
});

test('an operation that cannot be claimed was not touched and may be tried again', async () => {
  const claim = (): Promise<never> => Promise.reject(new Error('the database is starting up'));
  const apply = (): Promise<string> => Promise.resolve('touched');
  expect(await kindOf(touched({ operations: { ...held, claim }, apply }))).toBe('transient');
});

test('a no after an attempt that may have acted is no word on the operation; after one that changed nothing it is', async () => {
  const refuses = (): Promise<string> => Promise.reject(new Failure('refused', 'it moved'));
  const claimedAs = (state: 'new' | 'again'): Operations => {
    return { ...held, claim: () => Promise.resolve({ state, firstAttemptAtMs: 0, attempt: 2 }) };
  };
  expect(await kindOf(touched({ operations: claimedAs('again'), apply: refuses }))).toBe('unknown');
  expect(await kindOf(touched({ operations: claimedAs('new'), apply: refuses }))).toBe('refused');
});

test('an attempt is released as clean until it has asked for its claim to make a change, and when it says no', async () => {
  const released: boolean[] = [];
  const release = (_id: string, _attempt: number, clean: boolean): Promise<void> => {
    released.push(clean);
    return Promise.resolve();
  };
  const fails = (kind: Failure['kind'], changes: boolean) => (context: EffectContext) => {
    if (changes) context.requireClaim();
    return Promise.reject<string>(new Failure(kind, 'it was cut short'));
  };
  for (const apply of [fails('transient', false), fails('transient', true), fails('failed', true)])
    await kindOf(touched({ operations: { ...held, release }, apply }));
  expect(released).toEqual([true, false, true]);
});

/** A switch that is turned while the effect is under way. */
function turnable(): StopWatch & { turn(word: StopWord): void } {
  const listeners = new Set<() => void>();
  let said: StopWord | undefined;
  return {
    wordOn: () => said,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    turn(word) {
      said = word;
      for (const listener of listeners) listener();
    },
  };
}

describe('a stop while the effect is under way', () => {
  const stopped = { why: 'ana stopped everything', isRead: true };
  const unread = { why: 'the switch could not be read', isRead: false };

  test.each([
    ['refuses it before its first change', 0, stopped, 'refused'],
    ['leaves unknown what it came to after a change', 1, stopped, 'unknown'],
    ['lets another attempt look again when it could not be read', 1, unread, 'transient'],
  ] as const)('%s', async (_, changesBefore, word, kind) => {
    const watch = turnable();
    const apply = (context: EffectContext): Promise<string> => {
      for (let change = 0; change < changesBefore; change += 1) context.requireClaim();
      watch.turn(word);
      context.requireClaim();
      return Promise.resolve('touched');
    };
    expect(await kindOf(touched({ apply, watch }))).toBe(kind);
  });

  test('lets a change that completes what was begun be made, and no other', async () => {
    const watch = turnable();
    const apply = (context: EffectContext): Promise<string> => {
      context.requireClaim();
      watch.turn(stopped);
      context.requireClaim('completes');
      expect(() => context.requireClaim()).toThrow('ana stopped everything');
      return Promise.resolve('touched');
    };
    expect(await kindOf(touched({ apply, watch }))).toBe('applied');
  });

  test('ends the waiting of one that listens', async () => {
    const watch = turnable();
    const apply = ({ stopped: heard }: EffectContext): Promise<string> => {
      return new Promise((_, reject) => {
        heard.addEventListener('abort', () => reject(heard.reason as Error));
        watch.turn(stopped);
      });
    };
    expect(await kindOf(touched({ apply, watch }))).toBe('unknown');
  });

  test('is heard by the heartbeat when the call back was missed', async () => {
    const silent = turnable();
    const deaf = { ...silent, subscribe: () => () => undefined };
    let beat = (): Promise<boolean> => Promise.resolve(true);
    const alive = (ask: () => Promise<boolean>): void => {
      beat = ask;
    };
    const apply = async ({ stopped: heard }: EffectContext): Promise<string> => {
      silent.turn(stopped);
      expect(heard.aborted).toBe(false);
      await beat();
      expect(heard.aborted).toBe(true);
      return 'touched';
    };
    expect(await kindOf(touched({ apply, watch: deaf, context: { alive } }))).toBe('applied');
  });
});

test('an attempt that lost its claim after a change is not released as clean', async () => {
  const released: boolean[] = [];
  const release = (_id: string, _attempt: number, clean: boolean): Promise<void> => {
    released.push(clean);
    return Promise.resolve();
  };
  const apply = (context: EffectContext): Promise<string> => {
    context.requireClaim();
    paused(claimTtlMs + 50);
    context.requireClaim();
    return Promise.resolve('touched');
  };
  expect(await kindOf(touched({ operations: { ...held, release }, apply }))).toBe('transient');
  expect(released).toEqual([false]);
});
