/** What every action must keep to, asked of the real adapter and of the fake alike; it knows nothing of any one system. */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ActionAdapter, EffectContext, Implementation } from '../../activities/adapter.js';
import type { Action, Apply, Undo } from '../../workflows/actions/action.js';
import { Failure } from '../../workflows/domain/failure.js';

/** A world with the action's target in it, made anew for each test. */
export interface World<Input, State> {
  readonly adapter: ActionAdapter<Input, State>;
  readonly input: Input;
  /** What somebody who looks at the target from outside sees; equal means untouched. */
  read(): Promise<unknown>;
  /** Somebody who is not Belay changes the target, so that it is in neither image. */
  moveByOthers(): Promise<void>;
  close(): Promise<void>;
}

export interface ActionContract<Input, State> {
  readonly name: string;
  readonly action: Action<Input, State>;
  fresh(): Promise<World<Input, State>>;
}

/** The adapter of an action in a worker's list. */
export function adapterOf<Input, State>(
  implementations: readonly Implementation[],
  action: Action<Input, State>,
): ActionAdapter<Input, State> {
  const found = implementations.find((one) => 'action' in one && one.action.name === action.name);
  if (found === undefined) throw new Error(`${action.name} has no adapter`);
  return found.adapter as unknown as ActionAdapter<Input, State>;
}

export const neverAborted = { signal: new AbortController().signal };

export function firstAttempt(): EffectContext {
  return {
    ...neverAborted,
    attempt: 1,
    firstAttemptAtMs: Date.now(),
    requireClaim: () => undefined,
    stopped: new AbortController().signal,
  };
}

/** The Failure a promise ends with; anything else fails the test. */
export async function failureOf(ends: Promise<unknown>): Promise<Failure> {
  const end = await ends.then(
    () => 'no failure',
    (thrown: unknown) => thrown,
  );
  if (end instanceof Failure) return end;
  throw new Error(`a Failure was expected, not ${String(end)}`);
}

/** What the engine would hand to `apply`: looked at and planned, nothing done yet. */
export async function planned<Input, State>(
  { adapter, input }: World<Input, State>,
  operationId = 'run-1/step',
): Promise<Apply<Input, State>> {
  const before = await adapter.look(input, neverAborted);
  const expected = await adapter.plan({ input, before });
  return { operationId, input, before, expected };
}

export function actionContract<Input, State>(contract: ActionContract<Input, State>): void {
  describe(contract.name, () => {
    let world: World<Input, State>;
    beforeEach(async () => {
      world = await contract.fresh();
    });
    afterEach(() => world.close());

    actingTests(() => world);
    if (contract.action.reversal === 'undo') undoTests(() => world);
    else irreversibleTests(() => world);
  });
}

function actingTests<Input, State>(world: () => World<Input, State>): void {
  test('looking and planning change nothing', async () => {
    const seen = await world().read();
    const { before } = await planned(world());
    expect(await world().adapter.look(world().input, neverAborted)).toEqual(before);
    expect(await world().read()).toEqual(seen);
  });

  test('applies, and verifies only then', async () => {
    const { adapter } = world();
    const asked = await planned(world());
    expect(await adapter.verify(asked, neverAborted)).toMatchObject({ well: false });
    const after = await adapter.apply(asked, firstAttempt());
    expect(await adapter.verify(asked, neverAborted)).toMatchObject({ well: true });
    expect(await adapter.look(world().input, neverAborted)).toEqual(after);
  });

  test('applied again by the same operation, has one effect', async () => {
    const { adapter } = world();
    const asked = await planned(world());
    const context = firstAttempt();
    const after = await adapter.apply(asked, context);
    const seen = await world().read();
    expect(await adapter.apply(asked, { ...context, attempt: 2 })).toEqual(after);
    expect(await world().read()).toEqual(seen);
  });

  test('refuses to apply once the world moved, and touches nothing', async () => {
    const asked = await planned(world());
    await world().moveByOthers();
    const seen = await world().read();
    const failure = await failureOf(world().adapter.apply(asked, firstAttempt()));
    expect(failure.kind).toBe('refused');
    expect(await world().read()).toEqual(seen);
  });

  test('does not begin an effect when its time is up', async () => {
    const asked = await planned(world());
    const seen = await world().read();
    const context = { ...firstAttempt(), signal: AbortSignal.abort() };
    expect(['unknown', 'transient']).toContain(
      (await failureOf(world().adapter.apply(asked, context))).kind,
    );
    expect(await world().read()).toEqual(seen);
  });
}

function undoTests<Input, State>(world: () => World<Input, State>): void {
  const applied = async (): Promise<Undo<Input, State>> => {
    const asked = await planned(world());
    await world().adapter.apply(asked, firstAttempt());
    return { ...asked, applied: 'yes' };
  };

  test('undone, the world is as before', async () => {
    const seen = await world().read();
    const asked = await applied();
    expect(await world().adapter.undo(asked, firstAttempt())).toEqual(asked.before);
    expect(await world().read()).toEqual(seen);
  });

  test('undone twice, the world is as before', async () => {
    const seen = await world().read();
    const asked = await applied();
    const context = firstAttempt();
    await world().adapter.undo(asked, context);
    await world().adapter.undo(asked, { ...context, attempt: 2 });
    expect(await world().read()).toEqual(seen);
  });

  test('finds nothing to undo when nothing was applied', async () => {
    const seen = await world().read();
    const asked = await planned(world());
    await world().adapter.undo({ ...asked, applied: 'unknown' }, firstAttempt());
    expect(await world().read()).toEqual(seen);
  });

  test('refuses to undo what somebody else changed since, and leaves it alone', async () => {
    const asked = await applied();
    await world().moveByOthers();
    const seen = await world().read();
    expect((await failureOf(world().adapter.undo(asked, firstAttempt()))).kind).toBe('refused');
    expect(await world().read()).toEqual(seen);
  });

  test('can be applied again after it was undone', async () => {
    const asked = await applied();
    await world().adapter.undo(asked, firstAttempt());
    await world().adapter.apply({ ...asked, operationId: 'run-2/step' }, firstAttempt());
    expect(await world().adapter.verify(asked, neverAborted)).toMatchObject({ well: true });
  });

  test('refuses to undo an equal change of another operation', async () => {
    const asked = await applied();
    const seen = await world().read();
    const other = { ...asked, operationId: 'run-9/step' };
    expect((await failureOf(world().adapter.undo(other, firstAttempt()))).kind).toBe('refused');
    expect(await world().read()).toEqual(seen);
  });
}

function irreversibleTests<Input, State>(world: () => World<Input, State>): void {
  test('cannot be taken back, and touches nothing when it is asked to', async () => {
    const asked = await planned(world());
    await world().adapter.apply(asked, firstAttempt());
    const seen = await world().read();
    const undo = world().adapter.undo({ ...asked, applied: 'yes' }, firstAttempt());
    expect((await failureOf(undo)).kind).toBe('refused');
    expect(await world().read()).toEqual(seen);
  });
}
