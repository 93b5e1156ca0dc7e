/** The schemes of one door together: any one that admits suffices, else the one that came nearest says why. Knows no sender. */
import type { Admission, Scheme, Shown } from './schemes/scheme.js';

/** A scheme and the secrets that are active for it. */
export interface Lock {
  readonly scheme: Scheme;
  readonly secrets: readonly string[];
}

export interface Verdict {
  readonly admission: Admission;
  /** The one that admitted, else null. */
  readonly scheme: Scheme | null;
}

export interface Authentication {
  /** There are schemes that sign the body: it must be read before nobody is admitted. */
  readonly needsBody: boolean;
  /** By what needs no body. */
  beforeBody(shown: Shown): Promise<Verdict>;
  /** By what signs the body. */
  overBody(shown: Shown): Promise<Verdict>;
  /** What the person who set the sender up can change. */
  readonly fix: string;
}

/** Without any secret nobody is admitted. */
export function createAuthentication(locks: readonly Lock[]): Authentication {
  const active = locks.filter(({ secrets }) => secrets.length > 0);
  const signing = active.filter(({ scheme }) => scheme.signsBody);
  const others = locks.filter(({ scheme }) => !scheme.signsBody);
  return {
    needsBody: signing.length > 0,
    beforeBody: (shown) => verdictOf(others, shown),
    overBody: (shown) => verdictOf(signing, shown),
    fix: active.map(({ scheme }) => scheme.fix).join('; or '),
  };
}

/** From the worst to the best a request can show. */
const order: readonly Admission[] = ['no-secret', 'wrong-secret', 'stale', 'admitted'];

export function nearer(one: Verdict, other: Verdict): Verdict {
  return order.indexOf(other.admission) > order.indexOf(one.admission) ? other : one;
}

async function verdictOf(locks: readonly Lock[], shown: Shown): Promise<Verdict> {
  let best: Verdict = { admission: 'no-secret', scheme: null };
  for (const { scheme, secrets } of locks) {
    const admission = await scheme.verify(shown, secrets);
    best = nearer(best, { admission, scheme: admission === 'admitted' ? scheme : null });
  }
  return best;
}
