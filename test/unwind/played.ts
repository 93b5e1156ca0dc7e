/** Plays one run of a runbook under faults, and says what is left: of the world, the ledger, and the laws. */
import type { JsonObject } from '../../workflows/domain/json.js';
import type { PlannedStep, Proposal } from '../../workflows/domain/plan.js';
import type { Report } from '../../workflows/progress.js';
import type { Runbook } from '../../workflows/runbook.js';
import type { FakeWorld } from '../support/fake-world/fake-world.js';
import type { Fault } from '../support/simulator/faults.js';
import { alertOf, createSimulator, storyStartMs } from '../support/simulator/simulator.js';
import { policyText } from '../support/story/policy.js';
import { brokenLaws, isEntry, watchIntents, type Line } from '../support/story/told.js';
import type { Harness } from './harness.js';

export interface Played {
  readonly report: Report;
  /** `as before`, `done once`, or neither; targets of steps that cannot be taken back are left out of `as before`. */
  readonly world: 'as before' | 'done' | 'between';
  readonly quarantined: readonly string[];
  readonly leased: readonly string[];
  readonly paged: boolean;
  readonly brokenLaws: readonly string[];
  /** Faults that were planned and never met. */
  readonly missed: readonly Fault[];
  /** Sites of effects, in the order they were reached. */
  readonly sites: readonly string[];
  /** Operation ids in the order in which they took effect, and in which they were taken back. */
  readonly applied: readonly string[];
  readonly undone: readonly string[];
  /** Names of steps that cannot be taken back. */
  readonly irreversible: readonly string[];
  /** Sites of short calls, in the order they were reached. */
  readonly asked: readonly string[];
}

export interface Asked {
  readonly runbook: Runbook;
  readonly harness: Harness;
  readonly given: (world: FakeWorld) => void;
  readonly faults?: readonly Fault[];
  /** The world as a clean run leaves it. */
  readonly done?: JsonObject;
}

const alone = policyText({ restart: 5, configure: 5 });

export async function play(asked: Asked): Promise<Played & { readonly after: JsonObject }> {
  const { runbook, harness, given, faults = [], done } = asked;
  const { services } = harness;
  const options = { policy: alone, faults, ...(services === undefined ? {} : { services }) };
  const { time, world, store, faults: met, start } = createSimulator(options);
  const unannounced = watchIntents(world, store);
  given(world);
  const before = world.snapshot();
  const report = await time.until(start(runbook, alertOf(harness.alertname)).report);
  const after = world.snapshot();
  const told = { startMs: storyStartMs, lines: store.lines, reports: [report], before, after };
  const final = irreversibleSteps(store.lines);
  return {
    report,
    after,
    irreversible: final.map(({ name }) => name),
    world: worldIs(
      { before, after, done },
      final.map(({ target }) => target),
    ),
    quarantined: [...store.quarantine.keys()],
    leased: [...store.leases.keys()],
    paged: store.notices.some(({ urgency }) => urgency === 'page'),
    brokenLaws: brokenLaws({ ...told, effects: world.effects, unannounced }),
    missed: faults.filter((fault) => !met.hit.includes(fault)),
    sites: met.sites.filter((site) => site.startsWith('act:')),
    applied: operationsOf(world, 'apply'),
    undone: operationsOf(world, 'undo'),
    asked: met.sites.filter((site) => site.startsWith('ask:')),
  };
}

function operationsOf(world: FakeWorld, part: 'apply' | 'undo'): string[] {
  return world.effects.flatMap((effect) => (effect.part === part ? [effect.operationId] : []));
}

function worldIs(
  { before, after, done }: { before: JsonObject; after: JsonObject; done: JsonObject | undefined },
  irreversible: readonly string[],
): Played['world'] {
  if (done !== undefined && equal(after, done)) return 'done';
  return equal(without(before, irreversible), without(after, irreversible))
    ? 'as before'
    : 'between';
}

function equal(left: JsonObject, right: JsonObject): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

function without(world: JsonObject, targets: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(world).filter(([name]) => !targets.includes(name)));
}

/** As the proposals said, for people to read before they approve. */
function irreversibleSteps(lines: readonly Line[]): PlannedStep[] {
  const proposals = lines.filter(isEntry).filter(({ kind }) => kind === 'proposal');
  return proposals.flatMap(({ detail }) => {
    const { steps } = detail as unknown as Proposal;
    return steps.filter((step) => step.irreversible !== null);
  });
}
