/** Plays one run of a scenario with the faults given, in virtual time, and says which places it came to and which laws broke. */
import { callsOf, type CallFunction } from '../../activities/effects.js';
import { noSwitch } from '../../activities/stop-watch.js';
import type { judge } from '../../activities/store/judgement.js';
import { runIdOf } from '../../workflows/domain/alert.js';
import type { JsonObject } from '../../workflows/domain/json.js';
import type { Proposal } from '../../workflows/domain/plan.js';
import { hours, minutes, seconds } from '../../workflows/domain/time.js';
import type { Report } from '../../workflows/progress.js';
import { remediation } from '../../workflows/remediation.js';
import { createFakeStore, type FakeStore } from '../support/fake-store.js';
import { createFakeWorld, type FakeWorld } from '../support/fake-world/fake-world.js';
import { createFakeOperations } from '../support/simulator/fake-operations.js';
import { RecordedRun, type Driver } from '../support/simulator/recorded-run.js';
import { alertOf, storeFunctions, storyStartMs } from '../support/simulator/simulator.js';
import { VirtualTime } from '../support/simulator/virtual-time.js';
import { isEntry, type Line } from '../support/story/told.js';
import { Attempts } from './attempts.js';
import { withPoints, type PointsOf } from './effect-points.js';
import { faults, type Fault, type FaultName } from './fault.js';
import { Meddler } from './meddling.js';
import { brokenAtTheEnd, type Sent } from './oracle.js';
import { policies } from './policies.js';
import type { Scenario } from './scenario.js';
import { kindOfCall, Places, type Site, type SiteKind } from './site.js';
import { textOf, Witness } from './witness.js';

/** What a test replaces to see the oracle bite. */
export interface Weakened {
  /** Claims begin what a stop covers. */
  readonly claims?: 'ask no switch';
  /** How the store's facts become a judgement. */
  readonly judge?: typeof judge;
  /** The calls a run makes; changes them in place. */
  readonly calls?: (calls: Map<string, CallFunction>, scene: { readonly world: FakeWorld }) => void;
}

export interface CaseOptions {
  readonly scenario: Scenario;
  readonly faults?: readonly Fault[];
  /** What a clean run proposes; learned from one. */
  readonly plan?: Proposal | undefined;
  readonly weakened?: Weakened;
  /** Play the history once more when the run is over. */
  readonly again?: 'played again' | 'once';
}

export interface PlayedCase {
  readonly report: Report | undefined;
  readonly sites: readonly Site[];
  readonly missed: readonly Fault[];
  /** The laws that broke, as sentences; empty when all held. */
  readonly broken: readonly string[];
  readonly lines: readonly Line[];
  /** Commands the run gave, which is how long its history is. */
  readonly commands: number;
  readonly tookMs: number;
  readonly plan: Proposal | undefined;
}

/** No run of ours may need longer, whatever happens to it: ten proposals, each asked about for 15 minutes and held for ten. */
const runMsMax = hours(24);

export async function playCase(options: CaseOptions): Promise<PlayedCase> {
  return new Case(options).play();
}

class Case {
  private readonly time = new VirtualTime(storyStartMs);
  private readonly operations = createFakeOperations(() => this.time.now(), {
    stopOf: (...asked) =>
      this.options.weakened?.claims === undefined ? this.store.stopOf(...asked) : undefined,
    covering: (...asked) => this.store.covering(...asked),
  });
  private readonly world: FakeWorld;
  private readonly store: FakeStore;
  private readonly meddler: Meddler;
  private readonly witness: Witness;
  private readonly run: RecordedRun<Report>;
  private readonly attempts: Attempts;
  private readonly before: JsonObject;
  private readonly places = new Places();
  private readonly sites: Site[] = [];
  private readonly hit = new Set<Fault>();
  private readonly sent: Sent[] = [];
  private readonly ordinals = new Map<string, number>();
  private linesRead = 0;
  /** Its last line is on its way to the store: what comes from now on comes after the run. */
  private closing = false;

  constructor(private readonly options: CaseOptions) {
    const { scenario, weakened = {} } = options;
    const { services } = scenario;
    const now = (): number => this.time.now();
    this.world = createFakeWorld({ now, ...(services === undefined ? {} : { services }) });
    const policyTable = policies[scenario.policy];
    const { judge } = weakened;
    const claimed = (operationId: string): boolean => this.operations.claimed(operationId);
    const how = judge === undefined ? {} : { judge };
    this.store = createFakeStore({ now, policyTable, claimed, ...how });
    const alert = alertOf(scenario.alertname);
    const id = runIdOf(scenario.runbook.meta.name, alert);
    this.witness = new Witness(id, this.store);
    this.meddler = new Meddler(this.scene(), scenario.policy);
    this.run = new RecordedRun(id, this.time, {
      driver: this.driver(),
      story: (runtime) => remediation(runtime, scenario.runbook, { alert, trigger: 'alert' }),
    });
    const pointsOf: PointsOf = new WeakMap();
    this.attempts = new Attempts({
      time: this.time,
      calls: this.calls(pointsOf),
      pointsOf,
    });
    scenario.given(this.world);
    this.before = this.world.snapshot();
    this.witness.watches(this.world);
  }

  async play(): Promise<PlayedCase> {
    const { faults = [], again = 'played again' } = this.options;
    const broken: string[] = [];
    let report: Report | undefined;
    try {
      this.run.start();
      report = await this.time.until(Promise.race([this.run.report, this.tooLate()]));
      const tookMs = this.time.now() - storyStartMs;
      if (again === 'played again') broken.push(...(await this.differences(report)));
      broken.push(...this.brokenBy(report));
      return this.played({ report, broken, tookMs, faults });
    } catch (thrown) {
      const why = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
      broken.push(`the run did not end: ${why}`, ...this.witness.broken, ...this.run.strayed);
      return this.played({ report, broken, tookMs: this.time.now() - storyStartMs, faults });
    }
  }

  private played(end: {
    readonly report: Report | undefined;
    readonly broken: readonly string[];
    readonly tookMs: number;
    readonly faults: readonly Fault[];
  }): PlayedCase {
    const { report, broken, tookMs, faults } = end;
    return {
      report,
      broken,
      tookMs,
      sites: this.sites,
      missed: faults.filter((fault) => !this.hit.has(fault)),
      lines: this.store.lines,
      commands: this.run.commands.length,
      plan: this.proposal(),
    };
  }

  private brokenBy(report: Report): string[] {
    const { scenario, faults: planned = [] } = this.options;
    const { world, before, store, meddler, sent } = this;
    const lostTask = planned.some(({ name }) => 'losesTask' in faults[name]);
    const left = { scenario, report, world, before, store, meddler, sent, lostTask };
    return [...this.witness.broken, ...this.run.strayed, ...brokenAtTheEnd(left)];
  }

  private async differences(report: Report): Promise<string[]> {
    const again = await this.run.playedAgain();
    const same = JSON.stringify(again) === JSON.stringify(report);
    return same ? [] : ['played again from its history it reports something else'];
  }

  private tooLate(): Promise<never> {
    return new Promise((_, reject) => {
      const why = new Error(`it was not over after ${runMsMax / hours(1)} hours`);
      this.time.at(storyStartMs + runMsMax, () => reject(why));
    });
  }

  private driver(): Driver {
    return {
      ask: (asked) => {
        const name = `${asked.call.name}: ${asked.says}`;
        this.closing ||= asked.text.includes('"kind":"closed"');
        return this.attempts.ask(asked, this.reach(kindOfCall(asked.call.name), name));
      },
      act: (asked) => {
        const kind = asked.call.name.endsWith('.undo') ? 'undo' : 'apply';
        return this.attempts.act(asked, this.reach(kind, `${asked.call.name}: ${asked.says}`));
      },
      pause: (kind, says) => {
        const faults = this.reach(kind, says);
        const lateMs = faults.includes('late') ? minutes(10) : 0;
        return { lateMs, dies: faults.includes('replayed') };
      },
    };
  }

  /** A place is come to: others do what they do there; what remains to go wrong is handed back. */
  private reach(kind: SiteKind, says: string): FaultName[] {
    const place = this.places.next(`${kind} ${says}`);
    const site: Site = { kind, says, ...place, losesTask: this.run.mayLoseTask() };
    this.sites.push(site);
    const planned = (this.options.faults ?? []).filter((fault) => fault.site.key === site.key);
    for (const fault of planned) this.hit.add(fault);
    return planned.map(({ name }) => name).filter((name) => !this.meddler.does(name, site));
  }

  private scene() {
    const { time, world, store } = this;
    const { scenario, plan } = this.options;
    return {
      time,
      world,
      store,
      alertname: scenario.alertname,
      plan,
      send: (signal: string, payload: JsonObject) => this.send(signal, payload),
    };
  }

  /** As a person sends it: it is there when the server has taken it. */
  private send(signal: string, payload: JsonObject): void {
    const { run } = this;
    const entries = this.entries();
    if (!this.closing) {
      const ordinal = this.ordinals.get(signal) ?? 0;
      this.ordinals.set(signal, ordinal + 1);
      const intents = entries.filter((entry) => {
        return entry.kind === 'intent' && !textOf(entry, 'operation').endsWith('/undo');
      });
      this.sent.push({ signal, ordinal, intentsBefore: intents.length });
    }
    run.send(signal, payload);
  }

  /** The people of the scenario send something, and that can go wrong too. */
  private peopleSend(signal: string, payload: JsonObject): void {
    const faults = this.reach('signal', signal);
    const deliver = (): void => this.send(signal, payload);
    if (faults.includes('late')) this.time.at(this.time.now() + minutes(10), deliver);
    else deliver();
    if (faults.includes('sent-twice')) deliver();
  }

  private calls(pointsOf: PointsOf): ReadonlyMap<string, CallFunction> {
    const { weakened = {} } = this.options;
    const calls = new Map<string, CallFunction>([
      ...callsOf(withPoints(this.world.implementations, pointsOf), this.operations, {
        watch: weakened.claims === undefined ? this.store.watch : noSwitch,
        now: () => this.time.now(),
      }),
      ...[...storeFunctions(this.store)].map(([name, call]) => [name, this.heard(call)] as const),
    ]);
    weakened.calls?.(calls, { world: this.world });
    return calls;
  }

  /** After each call of the store people read what is new. */
  private heard(call: CallFunction): CallFunction {
    return async (input, context) => {
      const stopped = this.store.switches.size > 0;
      const inForce = { stopped, policy: this.meddler.policy };
      const answer = await call(input, context);
      if (isJudgement(answer)) this.witness.hears(input, answer as never, inForce);
      this.readNewLines();
      return answer;
    };
  }

  private readNewLines(): void {
    const lines = this.store.lines.slice(this.linesRead);
    this.linesRead = this.store.lines.length;
    for (const line of lines) if (line.run === this.run.id) this.react(line);
  }

  private react(line: Line): void {
    const { scenario } = this.options;
    if (!isEntry(line)) {
      this.reach('notice', `${line.urgency} ${line.to}: ${line.title}`);
      return;
    }
    if (line.kind === 'escalation' && scenario.approves) {
      const plan = this.proposal()?.planHash ?? '';
      const yes = (): void => this.peopleSend('approve', { plan, by: 'ana' });
      this.time.at(this.time.now() + seconds(30), yes);
    }
    if (line.kind === 'outcome' && line.outcome === 'resolved' && scenario.undoes) {
      const undo = (): void => this.peopleSend('undo', { by: 'ana' });
      this.time.at(this.time.now() + minutes(5), undo);
    }
  }

  private proposal(): Proposal | undefined {
    const found = this.entries().findLast(({ kind }) => kind === 'proposal');
    return found?.detail as unknown as Proposal | undefined;
  }

  private entries() {
    return this.store.ledger.filter(({ run }) => run === this.run.id);
  }
}

function isJudgement(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'gates' in answer;
}
