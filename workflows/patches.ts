/**
 * Every change of what replay must see: one entry per patch, with what, why, since when, and when it may go.
 * A change of kind or order of what a run asks of its Runtime needs an entry here and a history recorded before it.
 */

export interface Patch {
  /** The id given to Temporal's `patched`; histories hold it for ever. */
  readonly id: string;
  readonly what: string;
  readonly why: string;
  readonly since: string;
  /** The version in which no open run can be older than the patch. */
  readonly removableFrom: string;
  /** A history from before the patch, as `<version>/<name>` under test/replay/histories. */
  readonly history: string;
}

export const recordedClock: Patch = {
  id: 'recorded-clock',
  what: 'every answer brings the time along, and what waits without one asks for the time',
  why: 'a replay of a workflow task that was kept alive sees another hour, and decided otherwise what was fresh and in time',
  since: '0.1.0',
  removableFrom: '0.2.0',
  history: '0.1.0/healed-alone',
};

/** In the order in which they came. */
export const patches: readonly Patch[] = [recordedClock];
