/** How an incident is written down: what happened to whom, what answers it here, and the harm that must not be. Plays nothing. */
import type { Settled } from '../../activities/store/inbox.js';
import type { Alert } from '../../workflows/domain/alert.js';
import type { Reason } from '../../workflows/domain/reason.js';
import type { FakeStore } from '../support/fake-store.js';
import type { FakeWorld } from '../support/fake-world/fake-world.js';
import type { Instead } from '../support/simulator/instead.js';
import { story, type LineKind, type Story, type StoryPlan } from '../support/story/story.js';
import type { Told } from '../support/story/told.js';

/** What is around the engine in a play, in place of the usual. */
export interface Scenery {
  readonly instead?: Instead;
  /** How the intake reads an alert; as it came when left out. `nth` counts deliveries from 1. */
  readonly reads?: (alert: Alert, nth: number) => Alert;
}

/** One defence taken away, and nothing else. */
export interface Weakness extends Scenery {
  /** What is so without it, as a sentence: `the lease gate is not asked`. */
  readonly name: string;
}

/** Where the record says that, and why, the harm was prevented: a ledger line or notice, or the row of the inbox. */
export interface Answer {
  readonly kind: LineKind | 'inbox';
  readonly says: RegExp;
  /** The word of the closed list that stands on that line. */
  readonly reason?: Reason;
}

/** What a play left behind. */
export interface Aftermath {
  readonly world: FakeWorld;
  readonly store: FakeStore;
  readonly told: Told;
  /** What became of each alert at the intake, in the order they came. */
  readonly inbox: readonly Settled[];
}

/** The harm in one sentence, or undefined when it did not happen. */
export type Harm = (left: Aftermath) => string | undefined;

export interface IncidentPlan extends Omit<StoryPlan, 'says'> {
  /** Whose incident it was, and when. */
  readonly incident: string;
  readonly mechanism: string;
  /** What answers it. */
  readonly guard: string;
  readonly answer: Answer;
  /** Belongs to the scene, in both plays; made anew for each. */
  readonly scenery?: () => Scenery;
  readonly without: () => Weakness;
  readonly harm: Harm;
}

export interface Incident extends Omit<IncidentPlan, keyof StoryPlan | 'scenery'> {
  readonly name: string;
  readonly story: Story;
  readonly scenery: () => Scenery;
}

export function incident(name: string, plan: IncidentPlan): Incident {
  const { incident: whose, mechanism, guard, answer, without, harm, scenery } = plan;
  const says = `${mechanism}; answered by: ${guard}`;
  return {
    name,
    incident: whose,
    mechanism,
    guard,
    answer,
    without,
    harm,
    scenery: scenery ?? (() => ({})),
    story: story(name, { ...plan, says }),
  };
}
