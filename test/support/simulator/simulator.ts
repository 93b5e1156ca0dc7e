/** One run of a runbook in a fake world on virtual time, with its store, its world and its faults in reach of a test. */
import { callsOf, type CallFunction } from '../../../activities/effects.js';
import type { Guards } from '../../../activities/guards/source.js';
import { parsePolicy } from '../../../activities/policy/parse.js';
import { runIdOf, type Alert } from '../../../workflows/domain/alert.js';
import { instantText } from '../../../workflows/domain/time.js';
import type { Report } from '../../../workflows/progress.js';
import { remediation } from '../../../workflows/remediation.js';
import type { Runbook } from '../../../workflows/runbook.js';
import { storeCalls } from '../../../workflows/store.js';
import { createFakeStore, type FakeStore } from '../fake-store.js';
import { createFakeWorld, type FakeService, type FakeWorld } from '../fake-world/fake-world.js';
import { Faults, type Fault } from './faults.js';
import { createFakeOperations } from './fake-operations.js';
import type { Calls, Instead } from './instead.js';
import { SimRuntime } from './sim-runtime.js';
import { VirtualTime } from './virtual-time.js';

/** Every story begins here; any instant would do. */
export const storyStartMs = Date.parse('2026-01-05T03:00:00.000Z');

export interface SimulatorOptions {
  /** Text of a services.yaml. */
  readonly policy: string;
  readonly faults?: readonly Fault[];
  /** The fake world's services; one `shop` when left out. */
  readonly services?: Readonly<Record<string, FakeService>>;
  /** What the guards go by; the product's defaults when left out. */
  readonly guards?: Guards | undefined;
  /** Parts that a test replaces to weaken a defence; see test/incidents. */
  readonly instead?: Instead;
}

export interface Simulator {
  readonly time: VirtualTime;
  readonly world: FakeWorld;
  readonly store: FakeStore;
  readonly faults: Faults;
  start(runbook: Runbook, alert: Alert, trigger?: string): SimulatedRun;
}

export interface SimulatedRun {
  readonly runtime: SimRuntime;
  readonly report: Promise<Report>;
}

export function createSimulator(options: SimulatorOptions): Simulator {
  const time = new VirtualTime(storyStartMs);
  const now = (): number => time.now();
  const { services, guards, instead = {} } = options;
  const { judge } = instead;
  const world = createFakeWorld({ now, ...(services === undefined ? {} : { services }) });
  const policyTable = parsePolicy(options.policy, 'story');
  const store = createFakeStore({
    now,
    policyTable,
    ...(guards === undefined ? {} : { guards }),
    ...(judge === undefined ? {} : { judge }),
  });
  const faults = new Faults(options.faults ?? []);
  const calls = callsInstead(instead, { world, store, time });
  const engine = instead.engine ?? remediation;
  return {
    time,
    world,
    store,
    faults,
    start(runbook, alert, trigger = 'alert') {
      const id = runIdOf(runbook.meta.name, alert);
      const runtime = new SimRuntime({ id, time, calls, faults });
      const driven = instead.runtime?.(runtime) ?? runtime;
      const played = instead.runbook?.(runbook) ?? runbook;
      return { runtime, report: engine(driven, played, { alert, trigger }) };
    },
  };
}

function callsInstead(
  instead: Instead,
  { world, store, time }: Omit<Simulator, 'faults' | 'start'>,
): Calls {
  const operations = createFakeOperations(() => time.now(), store);
  const calls = new Map<string, CallFunction>([
    ...callsOf(
      instead.adapters?.(world.implementations, { time, world }) ?? world.implementations,
      instead.operations?.(operations) ?? operations,
      { watch: instead.watch?.(store.watch) ?? store.watch, now: () => time.now() },
    ),
    ...storeFunctions(store),
  ]);
  return instead.calls?.(calls, time) ?? calls;
}

export function storeFunctions(store: FakeStore): Map<string, CallFunction> {
  return new Map<string, CallFunction>([
    [storeCalls.record.name, (input) => store.record(input)],
    [storeCalls.consider.name, (input) => store.consider(input)],
    [storeCalls.admit.name, (input) => store.admit(input)],
    [storeCalls.attribute.name, (input) => store.attribute(input)],
  ]);
}

/** An alert as the intake would have made it, firing since the story began unless said otherwise. */
export function alertOf(name: string, over: Partial<Alert> = {}): Alert {
  const service = over.service ?? 'shop';
  return {
    source: 'alertmanager',
    fingerprint: `fp-${name.toLowerCase()}-${service}`,
    name,
    status: 'firing',
    severity: 'page',
    startsAt: instantText(storyStartMs),
    endsAt: null,
    service,
    environment: 'demo',
    labels: { alertname: name, service },
    annotations: {},
    link: null,
    ...over,
  };
}
