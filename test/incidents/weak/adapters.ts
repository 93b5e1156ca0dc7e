/** Adapters and their surroundings as they should not be: no fence, no claim, no second look. For tests only. */
import type { ActionAdapter, Implementation } from '../../../activities/adapter.js';
import type { CallFunction, Operations } from '../../../activities/effects.js';
import type { Undo } from '../../../workflows/actions/action.js';
import type { Weakness } from '../incident.js';
import { partOfAnAction, wrapping } from './calls.js';

export type AnyAdapter = ActionAdapter<never, unknown>;

/** Every action's adapter wrapped. */
export function adaptersWith(
  change: (adapter: AnyAdapter, action: string) => Partial<AnyAdapter>,
): (all: readonly Implementation[]) => readonly Implementation[] {
  return (all) =>
    all.map((one) => {
      if ('fact' in one) return one;
      const changed = change(one.adapter, one.action.name);
      return { action: one.action, adapter: { ...delegating(one.adapter), ...changed } };
    });
}

function delegating(adapter: AnyAdapter): AnyAdapter {
  return {
    look: (input, context) => adapter.look(input, context),
    plan: (asked) => adapter.plan(asked),
    apply: (asked, context) => adapter.apply(asked, context),
    verify: (asked, context) => adapter.verify(asked, context),
    undo: (asked, context) => adapter.undo(asked, context),
  };
}

/** Applies to whatever is there now. */
export function beforeImageIgnored(): Weakness {
  const adapters = adaptersWith((adapter) => ({
    async apply(asked, context) {
      const before = await adapter.look(asked.input, context);
      const expected = await adapter.plan({ input: asked.input, before: before });
      return adapter.apply({ ...asked, before, expected }, context);
    },
  }));
  return { name: 'the adapter ignores the before-image', instead: { adapters } };
}

/** Every attempt is the first one. */
export function operationsNotClaimed(): Weakness {
  const operations = (kept: Operations): Operations => ({
    ...kept,
    claim: () => Promise.resolve({ state: 'new', firstAttemptAtMs: Infinity, attempt: 1 }),
  });
  return { name: 'operations are not claimed', instead: { operations } };
}

/** "It answered, so it is done." */
export function stepsNotVerified(): Weakness {
  const well: CallFunction = () => Promise.resolve({ well: true, seen: 'nobody looked' });
  const calls = wrapping(partOfAnAction('verify'), () => well);
  return { name: "the adapter's word is taken for the effect", instead: { calls } };
}

/** After an undo the world is said to look as the undo says it does. */
export function undoNotVerified(): Weakness {
  let said: unknown;
  const undoing = wrapping(
    partOfAnAction('undo'),
    (call): CallFunction =>
      async (asked, context) => {
        said = (asked as Undo<never, unknown>).before;
        return call(asked, context);
      },
  );
  const looking = wrapping(partOfAnAction('look'), (): CallFunction => () => Promise.resolve(said));
  return {
    name: "the undo's word is taken for the world",
    instead: { calls: (calls, time) => looking(undoing(calls, time), time) },
  };
}
