/** What policy may ask of the observations a proposal rests on: how sure, and how old. Pure. */
import type { Proposal } from '../../workflows/domain/plan.js';
import { known, type Known } from '../../workflows/domain/verdict.js';

export interface TelemetryFacts {
  /** Whole percent, rounded down. */
  readonly confidence: Known<number>;
  /** Of the oldest observation, in whole seconds, rounded up. */
  readonly telemetryAge: Known<number>;
}

/** Unknown for a proposal from before there was confidence, and of an age that nobody told. */
export function telemetryFactsOf({ confidence }: Pick<Proposal, 'confidence'>): TelemetryFacts {
  if (confidence === undefined) {
    const untold = { known: false, why: 'the proposal does not say how sure it is' } as const;
    return { confidence: untold, telemetryAge: untold };
  }
  const percent = Math.floor(Number((confidence.value * 100).toFixed(6)));
  return { confidence: known(percent), telemetryAge: oldest(confidence.parts) };
}

function oldest(parts: NonNullable<Proposal['confidence']>['parts']): Known<number> {
  const ages = parts.flatMap(({ what, ageMs }) => (ageMs === undefined ? [] : [{ what, ageMs }]));
  const untold = ages.find(({ ageMs }) => ageMs === null);
  if (untold !== undefined)
    return { known: false, why: `nobody can tell how old ${untold.what} is` };
  if (ages.length === 0) return { known: false, why: 'no observation tells its age' };
  return known(Math.ceil(Math.max(...ages.map(({ ageMs }) => ageMs ?? 0)) / 1000));
}
