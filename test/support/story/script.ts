/** The verbs of a story: what happens at a moment, what must be told in a window. Only writes them down. */
import type { Alert } from '../../../workflows/domain/alert.js';
import type { JsonObject } from '../../../workflows/domain/json.js';
import { shortHash } from '../../../workflows/domain/plan.js';
import { boundName, type OperatorMessage } from '../../../workflows/messages.js';
import type { Runbook } from '../../../workflows/runbook.js';
import { approvalGate } from '../../../workflows/view.js';
import type { FakeStore, StoredFact } from '../fake-store.js';
import type { FakeWorld } from '../fake-world/fake-world.js';
import { parsePolicy } from '../../../activities/policy/parse.js';
import { offsetMs, type Offset } from './offset.js';
import { policyText, type PolicyChange } from './policy.js';
import type { Expectation, LineKind, Moment, Stage } from './story.js';

/** Which run a verb is about, from 1, and which of its proposals, from 1; the newest when left out. */
export interface About {
  readonly run?: number;
  readonly plan?: number;
  readonly note?: string;
}

export interface HowItFires extends Partial<Alert> {
  readonly runbook?: Runbook;
  /** A person asked for the run; an alert did when left out. */
  readonly by?: string;
  /** How long it had been firing. */
  readonly since?: Offset;
}

export class Script {
  readonly moments: Moment[] = [];
  readonly expectations: Expectation[] = [];
  hasAlert = false;
  private runs = 0;

  at(offset: Offset): Verbs {
    const atMs = offsetMs(offset);
    return new Verbs(
      (act) => void this.moments.push({ atMs, act }),
      () => {
        this.hasAlert = true;
        this.runs += 1;
      },
      () => this.runs,
    );
  }

  between(from: Offset, to: Offset): Window {
    const window = { fromMs: offsetMs(from), toMs: offsetMs(to) };
    return {
      expects: (kind, pattern) =>
        void this.expectations.push({ ...window, kind, pattern, wanted: 'some' }),
      expectsNo: (kind, pattern) =>
        void this.expectations.push({ ...window, kind, pattern, wanted: 'none' }),
    };
  }
}

export interface Window {
  expects(kind: LineKind, pattern: RegExp): void;
  expectsNo(kind: LineKind, pattern: RegExp): void;
}

/** What can happen at one moment. A run that is not named is the newest one of the script so far. */
export class Verbs {
  constructor(
    private readonly add: (act: Moment['act']) => void,
    private readonly opened: () => void,
    private readonly newest: () => number,
  ) {}

  fires(alertname: string, how: HowItFires = {}): void {
    const { runbook, by, since = 0, ...over } = how;
    const trigger = by === undefined ? 'alert' : `person:${by}`;
    const firing = { alertname, over, forMs: offsetMs(since), trigger, runbook };
    this.opened();
    this.add((stage) => stage.fires(firing));
  }

  approves(by: string, about?: About): void {
    this.answers('approve', by, about);
  }

  triggers(by: string, about?: About): void {
    this.answers('trigger', by, about);
  }

  rejects(by: string, about?: About): void {
    this.answers('reject', by, about);
  }

  vetoes(by: string, about?: About): void {
    this.answers('veto', by, about);
  }

  modifies(by: string, { step, ...input }: JsonObject, about: About = {}): void {
    this.sends('modify', { by, step, input }, about);
  }

  halts(by: string, about?: About): void {
    this.sends('halt', { by }, about);
  }

  undoes(by: string, about?: About): void {
    this.sends('undo', { by }, about);
  }

  takesOver(by: string, about?: About): void {
    this.sends('takeover', { by }, about);
  }

  /** The intake says that the sender says that it is over. */
  resolves(about?: About): void {
    this.sends('resolved', {}, about);
  }

  /** The intake says that the same alert began a new episode. */
  refires(about?: About): void {
    this.sends('refired', {}, about);
  }

  /** A click on the name that the open gate offers in Temporal's UI: no input, no name but the server's record. */
  clicks(kind: OperatorMessage, identity: string, about: About = {}): void {
    const run = about.run ?? this.newest();
    this.add((stage) => {
      stage.store.identifySenders(identity);
      const plan = shortHash(planOf(stage, run, about.plan));
      return stage.send(run, boundName(kind, approvalGate, plan));
    });
  }

  sends(signal: string, payload: unknown, about: About = {}): void {
    const run = about.run ?? this.newest();
    this.add((stage) => stage.send(run, signal, payload));
  }

  /** A person presses Cancel in Temporal's UI. */
  cancels(about: About = {}): void {
    const run = about.run ?? this.newest();
    this.add((stage) => stage.cancel(run));
  }

  stops(scope: string, by: string, why: string): void {
    this.store((store) => store.stop({ scope, by, why }));
  }

  resumes(scope: string): void {
    this.store((store) => store.resume(scope));
  }

  storeUnreadable(fact: StoredFact, why: string): void {
    this.store((store) => store.unreadable(fact, why));
  }

  storeReadable(fact: StoredFact): void {
    this.store((store) => store.readable(fact));
  }

  /** A new policy file is loaded. */
  policyBecomes(change: PolicyChange): void {
    this.store((store) => store.changePolicy(parsePolicy(policyText(change), 'story')));
  }

  world(change: (world: FakeWorld) => void): void {
    this.add((stage) => change(stage.world));
  }

  store(change: (store: FakeStore) => void): void {
    this.add((stage) => change(stage.store));
  }

  private answers(kind: OperatorMessage, by: string, about: About = {}): void {
    const run = about.run ?? this.newest();
    this.add((stage) => {
      const plan = planOf(stage, run, about.plan);
      return stage.send(run, kind, { plan, by, note: about.note ?? '' });
    });
  }
}

/** The hash of a run's n-th proposal as the ledger has it, or of its newest. Throws when it proposed none. */
function planOf({ store, runId }: Stage, run: number, nth: number | undefined): string {
  const proposals = store.ledger.filter((entry) => {
    return entry.run === runId(run) && entry.kind === 'proposal';
  });
  const proposal = proposals.at(nth === undefined ? -1 : nth - 1);
  const detail = proposal?.detail as { planHash?: string } | undefined;
  if (detail?.planHash === undefined) throw new RangeError('the run has proposed nothing yet');
  return detail.planHash;
}
