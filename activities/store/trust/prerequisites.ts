/** What stands between a record and its next level, each with its state. Pure: promoting asks it, and so does whoever looks. */
import { partPassed, type DrillPart, type RecordedDrill } from './drills.js';
import type { TrustRecord } from './record.js';
import { nextLevel, type PromotedLevel, type Rules } from './rules.js';

export interface Prerequisite {
  readonly name:
    'policy' | 'earned' | 'bound' | 'reviewed' | 'drill' | 'undo' | 'escalation' | 'signature';
  readonly met: boolean;
  /** A sentence: what there is, and what is wanted. */
  readonly says: string;
  /** How much of it is there, 0 to 1. */
  readonly share: number;
}

export interface Standing {
  readonly record: TrustRecord;
  readonly drills: ReadonlyMap<string, RecordedDrill>;
  readonly rules: Rules;
  readonly nowMs: number;
}

const dayMs = 86_400_000;

/** Empty at level 5. The signature is not among them: it is asked for once these are met. */
export function prerequisitesOf(standing: Standing): Prerequisite[] {
  const to = nextLevel(standing.record.ceiling);
  if (to === undefined) return [];
  return [
    boundOf(standing, to),
    reviewedOf(standing),
    drilled(standing, { name: 'drill', part: 'fault', says: 'fault drill passed' }),
    drilled(standing, { name: 'undo', part: 'undo', says: 'undo tested' }),
    drilled(standing, { name: 'escalation', part: 'escalation', says: 'escalation tested' }),
  ];
}

/** The one that is furthest from being met; undefined when only people are left to be asked. */
export function bindingOf(prerequisites: readonly Prerequisite[]): Prerequisite | undefined {
  return prerequisites.filter(({ met }) => !met).toSorted((a, b) => a.share - b.share)[0];
}

function boundOf({ record, rules }: Standing, to: PromotedLevel): Prerequisite {
  const wanted = rules.threshold[to];
  const { bound, trials, counts } = record;
  return {
    name: 'bound',
    met: bound >= wanted,
    says: `${counts.held} of ${trials} runs held: at least ${percent(bound)} by Wilson's lower bound, wanted ${percent(wanted)}`,
    share: Math.min(1, bound / wanted),
  };
}

function reviewedOf({ record, rules }: Standing): Prerequisite {
  const { reviewed } = record;
  return {
    name: 'reviewed',
    met: reviewed >= rules.reviewedMin,
    says: `${reviewed} of ${rules.reviewedMin} runs reviewed by people since the ceiling last changed`,
    share: Math.min(1, reviewed / rules.reviewedMin),
  };
}

interface DrillWanted {
  readonly name: 'drill' | 'undo' | 'escalation';
  readonly part: DrillPart;
  readonly says: string;
}

/** Every runbook that acts in the record's name was drilled, and lately; none is not all. */
function drilled(
  { record, drills, rules, nowMs }: Standing,
  { name, part, says }: DrillWanted,
): Prerequisite {
  const states = record.runbooks.map((runbook) => {
    const drill = drills.get(runbook);
    if (!partPassed(drill, part)) return `${runbook} never, or not the last time`;
    const days = Math.floor((nowMs - (drill?.at.getTime() ?? 0)) / dayMs);
    return days < rules.drillWithinDays ? undefined : `${runbook} ${days} days ago`;
  });
  const missing = states.filter((state) => state !== undefined);
  const total = Math.max(1, states.length);
  const met = states.length > 0 && missing.length === 0;
  const lacking = states.length === 0 ? ['no runbook has acted yet'] : missing;
  const within = `within ${rules.drillWithinDays} days`;
  return {
    name,
    met,
    says: met ? `${says} ${within}` : `${says} ${within}: ${lacking.join('; ')}`,
    share: met ? 1 : states.length === 0 ? 0 : (total - missing.length) / total,
  };
}

/** Rounded down, so that a threshold is never shown as met before it is. */
export function percent(share: number): string {
  return `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
}
