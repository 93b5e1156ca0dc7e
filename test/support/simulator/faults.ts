/** Which fault happens where: a plan of faults by site and attempt, and a record of those that were hit. */
import { matches } from '../../../workflows/domain/pattern.js';

/**
 * - `fail`: the adapter says no, nothing took effect.
 * - `transient`: nothing took effect, another attempt may help.
 * - `fail-after`: it took effect, then its answer was lost for good (`unknown`).
 * - `lost-before` / `lost-after`: the worker died before / after the effect; another attempt follows.
 * - `repeat`: it is done twice in a row.
 */
export const faultKinds = [
  'fail',
  'transient',
  'fail-after',
  'lost-before',
  'lost-after',
  'repeat',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** A site is `act:<operation id>` or `ask:<call name>`; a star stands for any text. */
export interface Fault {
  readonly site: string;
  readonly kind: FaultKind;
  /** At which attempt; every attempt when left out. */
  readonly attempt?: number;
}

export class Faults {
  readonly hit: Fault[] = [];
  /** Every site that was reached, in order, once. */
  readonly sites: string[] = [];

  constructor(private readonly planned: readonly Fault[]) {}

  at(site: string, attempt: number): FaultKind | undefined {
    if (!this.sites.includes(site)) this.sites.push(site);
    const fault = this.planned.find((candidate) => {
      return matches(candidate.site, site) && (candidate.attempt ?? attempt) === attempt;
    });
    if (fault !== undefined) this.hit.push(fault);
    return fault?.kind;
  }
}
