/** One run, alone in the simulator, with everything it left in reach: for tests of what a story does not tell. */
import type { Alert } from '../../../workflows/domain/alert.js';
import type { Entry, EntryKind } from '../../../workflows/domain/entry.js';
import type { Report } from '../../../workflows/progress.js';
import type { Runbook } from '../../../workflows/runbook.js';
import type { FakeWorld } from '../fake-world/fake-world.js';
import type { Fault } from '../simulator/faults.js';
import {
  alertOf,
  createSimulator,
  storyStartMs,
  type SimulatedRun,
  type Simulator,
} from '../simulator/simulator.js';
import { policyText, type PolicyChange } from './policy.js';
import { shopCartAndMail } from './services.js';

export interface Alone {
  readonly runbook: Runbook;
  readonly alert?: Partial<Alert> & { readonly name: string };
  /** Level 5 for everything when left out: nobody is asked. */
  readonly policy?: PolicyChange;
  readonly faults?: readonly Fault[];
  /** The world in which it begins; shop retries in a storm when left out. */
  readonly given?: (world: FakeWorld) => void;
}

export interface LoneRun extends Simulator, SimulatedRun {
  /** What happens in the run until so long after its beginning. */
  until(offsetMs: number): Promise<void>;
  ended(): Promise<Report>;
  /** Its ledger lines of one kind, in order. */
  entries(kind: EntryKind): readonly Entry[];
}

/** Begins the run; time stands still until the test lets it pass. */
export function startAlone({ runbook, alert, policy, faults, given }: Alone): LoneRun {
  const simulator = createSimulator({
    policy: policyText(policy ?? { restart: 5, configure: 5 }),
    services: shopCartAndMail,
    faults: faults ?? [],
  });
  const { time, world, store } = simulator;
  (given ?? ((fake) => void fake.storms('shop')))(world);
  const { name, ...over } = alert ?? { name: 'RetryStorm' };
  const run = simulator.start(runbook, alertOf(name, over));
  return {
    ...simulator,
    ...run,
    until: (offsetMs) => time.advanceTo(storyStartMs + offsetMs),
    ended: () => time.until(run.report),
    entries: (kind) => store.ledger.filter((entry) => entry.kind === kind),
  };
}
