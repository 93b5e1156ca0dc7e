/** What kind of failure an adapter met; says what is known of the effect, never what happens next: that is the engine's. */

/**
 * - `refused`: the adapter declined before touching anything (target not in its before-image, input out of bounds).
 * - `failed`: the target said no; nothing took effect, and trying again would not help.
 * - `unknown`: it may or may not have taken effect (timed out, connection lost after sending, worker gone).
 * - `transient`: nothing took effect and another attempt may succeed.
 */
export const failureKinds = ['refused', 'failed', 'unknown', 'transient'] as const;
export type FailureKind = (typeof failureKinds)[number];

/** Thrown by adapters, and by a Runtime's `ask` once its attempts are used up. */
export class Failure extends Error {
  constructor(
    readonly kind: FailureKind,
    message: string,
  ) {
    super(message);
    this.name = 'Failure';
  }
}

/** True for the text of a kind, as it comes back over a border that knows only text. */
export function isFailureKind(value: unknown): value is FailureKind {
  return failureKinds.some((kind) => kind === value);
}

/** The sentence of whatever was thrown, bounded so that it fits a failure in a history. */
export function messageOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.slice(0, 500);
}
