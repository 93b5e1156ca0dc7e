/** Points inside an effect that only its adapter's surroundings reach: with the claim in hand, and before it is remembered. */
import type { ActionAdapter, EffectContext, Implementation } from '../../activities/adapter.js';

/** What happens to one attempt; it is known by the signal it was given. */
export interface Points {
  /** The claim is held, nothing took effect yet. */
  readonly claimed?: () => Promise<void>;
  /** It took effect, nobody remembers it yet. */
  readonly effected?: () => Promise<void>;
}

export type PointsOf = WeakMap<AbortSignal, Points>;

/** The same implementations, whose effects stop at the points of their attempt. */
export function withPoints(
  implementations: readonly Implementation[],
  pointsOf: PointsOf,
): readonly Implementation[] {
  return implementations.map((implementation) => {
    if ('fact' in implementation) return implementation;
    return { ...implementation, adapter: stopping(implementation.adapter, pointsOf) };
  });
}

type AnyAdapter = ActionAdapter<never, unknown>;

function stopping(adapter: AnyAdapter, pointsOf: PointsOf): AnyAdapter {
  const around = async <Result>(
    { signal }: EffectContext,
    effect: () => Promise<Result>,
  ): Promise<Result> => {
    const points = pointsOf.get(signal);
    await points?.claimed?.();
    const result = await effect();
    await points?.effected?.();
    return result;
  };
  return {
    look: (input, context) => adapter.look(input, context),
    plan: (input) => adapter.plan(input),
    verify: (input, context) => adapter.verify(input, context),
    apply: (input, context) => around(context, () => adapter.apply(input, context)),
    undo: (input, context) => around(context, () => adapter.undo(input, context)),
  };
}
