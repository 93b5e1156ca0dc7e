/**
 * A small world in memory with the same Implementation list as the real adapters: processes, settings and monitors of
 * some services. It knows no real clock and no Temporal, so the simulator and Temporal's test workers can both use it.
 */
import {
  implementAction,
  implementFact,
  type Implementation,
} from '../../../activities/adapter.js';
import {
  alertCleared,
  measure,
  probeAnswers,
  queryBelow,
} from '../../../workflows/actions/monitor.js';
import {
  changeSetting,
  readSetting,
  type ChangeSetting,
  type SettingState,
} from '../../../workflows/actions/setting.js';
import {
  findProcess,
  restartProcess,
  type ProcessRef,
} from '../../../workflows/actions/supervisor.js';
import { Failure } from '../../../workflows/domain/failure.js';
import type { JsonObject } from '../../../workflows/domain/json.js';
import type { WorldEffect } from './effects.js';
import { FakeMonitors } from './fake-monitors.js';
import { FakeProcesses } from './fake-processes.js';
import { FakeSettings } from './fake-settings.js';

export interface FakeService extends ProcessRef {
  readonly settings: Readonly<Record<string, number>>;
}

export interface FakeWorldOptions {
  /** Unix milliseconds, from the clock the story runs on. */
  readonly now: () => number;
  /** Default: one service `shop`, process `shop` on `local`, with `retries` 5. */
  readonly services?: Readonly<Record<string, FakeService>>;
}

const shop: FakeService = {
  host: 'local',
  process: 'shop',
  settings: { retries: 5, timeoutMs: 800 },
};

export function createFakeWorld(options: FakeWorldOptions): FakeWorld {
  return new FakeWorld(options.services ?? { shop }, options.now);
}

export class FakeWorld {
  /** Everything that really took place, in order. */
  readonly effects: WorldEffect[] = [];
  readonly processes: FakeProcesses;
  readonly settings: FakeSettings;
  readonly alerts: FakeMonitors;
  readonly implementations: readonly Implementation[];
  /** Services in a retry storm, and the number of retries at or below which it ends. */
  private readonly storming = new Map<string, number>();

  constructor(
    private readonly services: Readonly<Record<string, FakeService>>,
    now: () => number,
  ) {
    this.alerts = new FakeMonitors(now);
    this.processes = new FakeProcesses(this.effects, now);
    this.settings = new FakeSettings(this.effects, (service) => this.settle(service));
    for (const [service, { settings, ...ref }] of Object.entries(services)) {
      this.processes.add(ref);
      this.settings.add(service, settings);
      this.alerts.probing(service, () => this.processes.answers(this.refOf(service)));
    }
    this.alerts.answers('*', () => (this.storming.size > 0 ? 1 : 0));
    this.implementations = this.implement();
  }

  /** The service's process dies, and ServiceDown fires until it runs and answers again. */
  dies(service: string): void {
    this.processes.dies(this.refOf(service));
    this.alerts.firing('ServiceDown', () => !this.processes.answers(this.refOf(service)));
  }

  /** The service's process runs on but answers nothing, and ServiceDown fires until it does. */
  wedges(service: string): void {
    this.processes.wedges(this.refOf(service));
    this.alerts.firing('ServiceDown', () => !this.processes.answers(this.refOf(service)));
  }

  /**
   * A retry storm: RetryStorm fires and every query not scripted gives 1, else 0, until the service has reloaded with
   * `retries` at or below `endsAtRetries`. Below 0 means that no setting ends it: a remedy that does not help.
   */
  storms(
    service: string,
    { endsAtRetries }: { endsAtRetries: number } = { endsAtRetries: 3 },
  ): void {
    this.storming.set(service, endsAtRetries);
    this.alerts.firing('RetryStorm', () => this.storming.has(service));
  }

  /** The alert of this name is over, whatever the world is like. */
  clears(alertname: string): void {
    this.alerts.clears(alertname);
  }

  /**
   * The world as JSON, one entry for each target (`process:local/shop`, `setting:shop/retries`). Equal snapshots are the
   * same world; leave out the targets of irreversible steps when asking whether a run left it as before.
   */
  snapshot(): JsonObject {
    return { ...this.processes.snapshot(), ...this.settings.snapshot() };
  }

  refOf(service: string): ProcessRef {
    const known = this.services[service];
    if (known === undefined) throw new Failure('failed', `no process of ${service} is known`);
    return { host: known.host, process: known.process };
  }

  /** A reload may end a storm; once over it does not come back by itself, whatever the setting is then. */
  private settle(service: string): void {
    const endsAtRetries = this.storming.get(service);
    const retries = this.settings.loaded(service, 'retries');
    if (endsAtRetries === undefined || retries === undefined) return;
    if (retries <= endsAtRetries) this.storming.delete(service);
  }

  private implement(): readonly Implementation[] {
    return [
      implementFact(findProcess, async ({ service }) => {
        return Promise.resolve(this.processes.find(this.refOf(service)));
      }),
      implementAction(restartProcess, this.processes),
      implementFact(readSetting, (ref) => this.settings.look(ref)),
      implementAction<ChangeSetting, SettingState>(changeSetting, this.settings),
      implementFact(alertCleared, async (input) =>
        Promise.resolve(this.alerts.alertCleared(input)),
      ),
      implementFact(probeAnswers, async (input) => Promise.resolve(this.alerts.probe(input))),
      implementFact(measure, async (input) => Promise.resolve(this.alerts.measure(input))),
      implementFact(queryBelow, async (input) => Promise.resolve(this.alerts.queryBelow(input))),
    ];
  }
}
