/** The adapter of a fact in a worker's list, with its types back; tests only. */
import type { FactAdapter, Implementation } from '../../activities/adapter.js';
import type { Fact } from '../../workflows/actions/action.js';

export function factOf<Input, Output>(
  implementations: readonly Implementation[],
  fact: Fact<Input, Output>,
): FactAdapter<Input, Output> {
  const found = implementations.find((one) => 'fact' in one && one.fact.name === fact.name);
  if (found === undefined) throw new Error(`${fact.name} has no adapter`);
  return found.adapter as unknown as FactAdapter<Input, Output>;
}
