/** What others do while a run is on its way: move its targets, heal the service, flip a control. Knows no run's insides. */
import { alertOf } from '../support/simulator/simulator.js';
import { notPassed } from '../../workflows/gates/index.js';
import type { PlannedStep, Proposal } from '../../workflows/domain/plan.js';
import type { JudgeInput, RunRef } from '../../workflows/store.js';
import type { FakeStore } from '../support/fake-store.js';
import type { FakeWorld } from '../support/fake-world/fake-world.js';
import type { VirtualTime } from '../support/simulator/virtual-time.js';
import type { JsonObject } from '../../workflows/domain/json.js';
import type { FaultName } from './fault.js';
import { policies, type PolicyName } from './policies.js';
import type { Site } from './site.js';

export interface Scene {
  readonly time: VirtualTime;
  readonly world: FakeWorld;
  readonly store: FakeStore;
  readonly alertname: string;
  /** What a clean run of the scenario proposes: others know as much of it. */
  readonly plan: Proposal | undefined;
  send(signal: string, payload: JsonObject): void;
}

/** How long a rival keeps the targets it was given. */
const rivalHoldsMs = 20_000;

export class Meddler {
  /** The policy in force. */
  policy: PolicyName;
  /** What somebody else last set each service's timeout to. */
  readonly timeouts = new Map<string, number>();
  /** Each process as somebody else last left it. */
  readonly processes = new Map<string, unknown>();
  private moves = 0;
  private rivals = 0;

  constructor(
    private readonly scene: Scene,
    policy: PolicyName,
  ) {
    this.policy = policy;
  }

  /** Does what the fault is; false when it is nothing somebody else does. */
  does(name: FaultName, site: Site): boolean {
    const { store, world } = this.scene;
    const by = 'eve';
    switch (name) {
      case 'moved':
        this.moves += 1;
        this.move(targetAt(site, this.scene.plan));
        return true;
      case 'healed':
        world.clears(this.scene.alertname);
        world.alerts.answers('*', () => 0);
        return true;
      case 'rival':
        this.compete();
        return true;
      case 'stop-everything':
        store.stop({ scope: 'everything', by, why: 'injected' });
        return true;
      case 'stop-service':
        store.stop({ scope: 'service:shop', by, why: 'injected' });
        return true;
      case 'switch-unreadable':
        store.unreadable('stops', 'injected');
        return true;
      case 'policy-asks':
        this.policyBecomes('two-approvals');
        return true;
      case 'policy-forbids':
        this.policyBecomes('nothing');
        return true;
      case 'reject':
      case 'veto':
      case 'halt':
      case 'takeover':
      case 'undo':
      case 'resolved':
        this.scene.send(name, name === 'resolved' ? {} : { by });
        return true;
      default:
        return false;
    }
  }

  private policyBecomes(name: PolicyName): void {
    this.policy = name;
    this.scene.store.changePolicy(policies[name]);
  }

  private move(target: string | undefined): void {
    const { world } = this.scene;
    const [kind, place = ''] = (target ?? '').split(':');
    const [first = '', second = ''] = place.split('/');
    if (kind === 'setting') {
      const timeoutMs = 900 + this.moves;
      this.timeouts.set(first, timeoutMs);
      world.settings.editedByHand(first, { timeoutMs });
    } else if (kind === 'process') {
      world.processes.restartedByHand({ host: first, process: second });
      this.processes.set(`process:${place}`, world.snapshot()[`process:${place}`]);
    }
  }

  /** Another run asks for everything; what it is given it gives back a little later. */
  private compete(): void {
    const { plan, store, time, alertname } = this.scene;
    if (plan === undefined) return;
    this.rivals += 1;
    const alert = alertOf(alertname, { fingerprint: 'rival' });
    const run = `rival.fp.${this.rivals}`;
    const ref: RunRef = { run, runbook: 'rival', alert, trigger: 'alert' };
    void store.admit(askedBy(ref, plan, time.now())).then(({ gates }) => {
      if (notPassed(gates) !== undefined) return;
      time.at(time.now() + rivalHoldsMs, () => {
        void store.record({ ...ref, entries: [], notices: [], release: true });
      });
    });
  }
}

function askedBy(ref: RunRef, proposal: Proposal, nowMs: number): JudgeInput {
  const asked = { proposal, maxAgeMs: Number.MAX_SAFE_INTEGER, resolved: false, nowMs };
  return { ...ref, ...asked, entries: [], notices: [] };
}

/** The target of the step this place is about, else of the first step. */
function targetAt({ says }: Site, plan: Proposal | undefined): string | undefined {
  const steps = plan?.steps ?? [];
  const about = (step: PlannedStep): boolean => says.includes(step.says);
  return (steps.find(about) ?? steps[0])?.target;
}
