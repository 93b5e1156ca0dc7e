/** How a whole run is told: what is given, what happens when, what must be seen when. Plays nothing itself. */
import type { Alert } from '../../../workflows/domain/alert.js';
import type { EntryKind } from '../../../workflows/domain/entry.js';
import type { Runbook } from '../../../workflows/runbook.js';
import type { FakeStore } from '../fake-store.js';
import type { FakeService, FakeWorld } from '../fake-world/fake-world.js';
import type { Fault } from '../simulator/faults.js';
import type { Guards } from '../../../activities/guards/source.js';
import { guardsOf, type GuardsPlan } from './guards.js';
import { offsetMs, type Offset } from './offset.js';
import { policyText } from './policy.js';
import { Script } from './script.js';

/** What a moment of a script can reach, whatever drives the story. Runs are numbered from 1 as they fire. */
export interface Stage {
  readonly world: FakeWorld;
  readonly store: FakeStore;
  fires(firing: Firing): Promise<void>;
  send(run: number, signal: string, payload?: unknown): Promise<void>;
  /** Temporal's own cancel request. */
  cancel(run: number): Promise<void>;
  runId(run: number): string;
}

export interface Firing {
  readonly alertname: string;
  readonly over: Partial<Alert>;
  /** How long it had been firing when the run began. */
  readonly forMs: number;
  readonly trigger: string;
  readonly runbook: Runbook | undefined;
}

export interface Moment {
  readonly atMs: number;
  readonly act: (stage: Stage) => void | Promise<void>;
}

export type LineKind = EntryKind | 'notice';

/** Something that must, or must not, be told between two offsets, the second one excluded. */
export interface Expectation {
  readonly fromMs: number;
  readonly toMs: number;
  readonly kind: LineKind;
  readonly pattern: RegExp;
  readonly wanted: 'some' | 'none';
}

export interface StoryPlan {
  /** The story in one sentence; reasons appear in it by their own word. */
  readonly says: string;
  /** Its runbook has not shipped yet, so no run of it has to be replayed and no history is recorded. */
  readonly unreleased?: true;
  readonly runbook: Runbook;
  /** Text of a services.yaml; see policy.ts for the usual one. */
  readonly policy?: string;
  /** Texts of guards.yaml, fleet.yaml and calendars; the product's defaults when left out. */
  readonly guards?: GuardsPlan;
  readonly services?: Readonly<Record<string, FakeService>>;
  readonly faults?: readonly Fault[];
  readonly given?: (world: FakeWorld) => void;
  readonly script: (script: Script) => void;
}

export interface Story {
  readonly name: string;
  readonly says: string;
  readonly unreleased: boolean;
  readonly runbook: Runbook;
  readonly policy: string;
  readonly guards: Guards | undefined;
  readonly services: Readonly<Record<string, FakeService>> | undefined;
  readonly faults: readonly Fault[];
  readonly given: (world: FakeWorld) => void;
  /** In the order they happen. */
  readonly moments: readonly Moment[];
  readonly expectations: readonly Expectation[];
}

/** Writes a story down. Throws for a script in which no alert fires. */
export function story(name: string, plan: StoryPlan): Story {
  const script = new Script();
  plan.script(script);
  if (!script.hasAlert) throw new RangeError(`story ${name}: no alert fires in its script`);
  return {
    name,
    says: plan.says,
    unreleased: plan.unreleased === true,
    runbook: plan.runbook,
    policy: plan.policy ?? policyText(),
    guards: plan.guards === undefined ? undefined : guardsOf(plan.guards),
    services: plan.services,
    faults: plan.faults ?? [],
    given: plan.given ?? (() => undefined),
    moments: script.moments.toSorted((left, right) => left.atMs - right.atMs),
    expectations: script.expectations,
  };
}

export { offsetMs, type Offset };
