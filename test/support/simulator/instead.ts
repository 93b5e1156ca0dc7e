/** What may stand in the place of a part around the engine, so that a test can weaken one defence; weakens nothing itself. */
import type { Implementation } from '../../../activities/adapter.js';
import type { CallFunction, Operations } from '../../../activities/effects.js';
import type { StopWatch } from '../../../activities/stop-watch.js';
import type { judge } from '../../../activities/store/judgement.js';
import type { Report } from '../../../workflows/progress.js';
import type { Runbook, RunInput } from '../../../workflows/runbook.js';
import type { Runtime } from '../../../workflows/runtime.js';
import type { FakeWorld } from '../fake-world/fake-world.js';
import type { SimRuntime } from './sim-runtime.js';
import type { VirtualTime } from './virtual-time.js';

export type Calls = ReadonlyMap<string, CallFunction>;

/** What an adapter of a test may need: the clock, and the world that keeps count of effects. */
export interface Scene {
  readonly time: VirtualTime;
  readonly world: FakeWorld;
}

/** Every member replaces or wraps one part; what is left out is the real one, or the fake by its contract. */
export interface Instead {
  /** How the store's facts become a judgement. */
  readonly judge?: typeof judge;
  readonly adapters?: (all: readonly Implementation[], scene: Scene) => readonly Implementation[];
  readonly operations?: (operations: Operations) => Operations;
  /** What effects under way hear of the switch. */
  readonly watch?: (watch: StopWatch) => StopWatch;
  readonly calls?: (calls: Calls, time: VirtualTime) => Calls;
  readonly runtime?: (runtime: SimRuntime) => Runtime;
  readonly runbook?: (runbook: Runbook) => Runbook;
  /** The story of a run; see workflows/remediation.ts. */
  readonly engine?: (runtime: Runtime, runbook: Runbook, input: RunInput) => Promise<Report>;
}

/** The first wrapped by the second; where both replace a part, the second's stands. */
export function insteadOfBoth(first: Instead, second: Instead): Instead {
  return {
    ...first,
    ...second,
    adapters: (all, scene) => {
      const inner = first.adapters?.(all, scene) ?? all;
      return second.adapters?.(inner, scene) ?? inner;
    },
    watch: (watch) => piped(watch, first.watch, second.watch),
    operations: (operations) => piped(operations, first.operations, second.operations),
    runbook: (runbook) => piped(runbook, first.runbook, second.runbook),
    calls: (calls, time) => {
      const inner = first.calls?.(calls, time) ?? calls;
      return second.calls?.(inner, time) ?? inner;
    },
  };
}

function piped<Part>(part: Part, ...wraps: readonly (((part: Part) => Part) | undefined)[]): Part {
  return wraps.reduce((wrapped, wrap) => wrap?.(wrapped) ?? wrapped, part);
}
