/**
 * Marks the input of an effect that a step scheduled, so that the interceptor can tell it from all others. Knows nothing else.
 * Not an AsyncLocalStorage: Node 20 hangs every storage in use on every promise of the thread, and there would be one for
 * each run; with 2,000 runs in memory that was 1.5 MB for each of them.
 */

/** From the very object that is handed to the activity; goes with it. */
const operations = new WeakMap<object, string>();

/** Hands the input back, marked. What is no object cannot be marked, and is then refused by the interceptor. */
export function markEffect<Input>(input: Input, operationId: string): Input {
  if (typeof input === 'object' && input !== null) operations.set(input, operationId);
  return input;
}

/** The operation id the step gave it; undefined for what no step scheduled. */
export function operationOf(input: unknown): string | undefined {
  return typeof input === 'object' && input !== null ? operations.get(input) : undefined;
}
