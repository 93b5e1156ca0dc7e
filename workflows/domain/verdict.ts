/** A gate's answer: pass, hold or refuse, each refusal with exactly one reason; holds no rule of its own. */
import type { Reason } from './reason.js';

export type Verdict =
  | { readonly kind: 'pass' }
  /** Not now: ask again after `retryAfterMs`. Bounded by limits.holdMsMax, then it is a refusal for the same reason. */
  | {
      readonly kind: 'hold';
      readonly reason: Reason;
      readonly why: string;
      readonly retryAfterMs: number;
    }
  | { readonly kind: 'refuse'; readonly reason: Reason; readonly why: string };

export const pass: Verdict = { kind: 'pass' };

/** No, for one reason of the closed list, with a sentence for people. */
export function refuse(reason: Reason, why: string): Verdict {
  return { kind: 'refuse', reason, why };
}

/** Not now: the gate is asked again after so many milliseconds. */
export function hold(reason: Reason, why: string, retryAfterMs: number): Verdict {
  return { kind: 'hold', reason, why, retryAfterMs };
}

/** A fact a gate needs: either known, or a sentence saying why it could not be read. Unknown is no. */
export type Known<Value> =
  { readonly known: true; readonly value: Value } | { readonly known: false; readonly why: string };

/** A fact that could be read. */
export function known<Value>(value: Value): Known<Value> {
  return { known: true, value };
}
