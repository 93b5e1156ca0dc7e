/**
 * The store in memory, for the simulator: the same gates, policy, ids and contracts as the real one, and faults on request.
 * Every call finishes without waiting for anything, so virtual time stays exact.
 */
import { tiers } from '../../workflows/domain/entry.js';
import { Failure } from '../../workflows/domain/failure.js';
import type { Outcome } from '../../workflows/domain/outcome.js';
import { targetsOf } from '../../workflows/domain/plan.js';
import { known, type Known } from '../../workflows/domain/verdict.js';
import type { Lease, Quarantine, StopOrder } from '../../workflows/gates/gate.js';
import { notPassed } from '../../workflows/gates/index.js';
import type {
  Attribution,
  Judgement,
  JudgeInput,
  RecordInput,
  RunRef,
} from '../../workflows/store.js';
import { defaultRules } from '../../activities/guards/rules.js';
import { createGuardsOf, type GuardTerms, type Guards } from '../../activities/guards/source.js';
import { judgePolicy } from '../../activities/policy/judge.js';
import type { StopWatch } from '../../activities/stop-watch.js';
import type { PolicyTable } from '../../activities/policy/table.js';
import {
  decisionPages,
  judge as judgeAsTheRealOne,
  type Heard,
} from '../../activities/store/judgement.js';
import { guardFactsOf } from '../../activities/store/guards/guard-facts.js';
import { wantedOf } from '../../activities/store/guards/wanted.js';
import type { PolicyAnswer } from '../../activities/store/policy.js';
import type { Ceiling } from '../../activities/store/trust/ceiling.js';
import { everything, requireScope, scopesOf } from '../../activities/store/scope.js';
import { FakeCounts, type FakeLease } from './fake-counts.js';
import { FakeBook, type KeptEntry, type KeptNotice } from './fake-book.js';

export type { KeptEntry, KeptNotice } from './fake-book.js';

export type StoredFact = 'stops' | 'quarantined' | 'leases' | 'policy' | 'counts';

export interface FakeStore {
  record(input: RecordInput): Promise<Outcome | null>;
  consider(input: JudgeInput): Promise<Judgement>;
  admit(input: JudgeInput): Promise<Judgement>;
  attribute(input: { readonly signal: string; readonly ordinal: number }): Promise<Attribution>;
  /** In the order they were committed. */
  readonly ledger: readonly KeptEntry[];
  readonly notices: readonly KeptNotice[];
  /** Both as they were committed: the entries of a call, then its notices. */
  readonly lines: readonly (KeptEntry | KeptNotice)[];
  /** By target. */
  readonly leases: ReadonlyMap<string, Lease>;
  readonly quarantine: ReadonlyMap<string, Quarantine>;
  readonly switches: ReadonlyMap<string, StopOrder>;
  stop(order: StopOrder): void;
  /** Why this operation may not begin: the first stop that covers its run or class. Throws when that cannot be read. */
  stopOf(operationId: string, actionClass: string): string | undefined;
  /** Every scope that covers this operation. */
  covering(operationId: string, actionClass: string): readonly string[];
  resume(scope: string): void;
  /** What effects under way hear, in the instant it is turned. */
  readonly watch: StopWatch;
  /** A person declares a quarantined target safe. */
  releaseTarget(target: string): void;
  /** From now on this fact cannot be read, and why. */
  unreadable(fact: StoredFact, why: string): void;
  readable(fact: StoredFact): void;
  /** A new set of policies is in force from now on. */
  changePolicy(table: PolicyTable): void;
  /** What `attribute` answers with from now on. */
  identifySenders(identity: string): void;
}

export interface FakeStoreOptions {
  now(): number;
  readonly policyTable: PolicyTable;
  /** The product's defaults when left out. */
  readonly guards?: Guards;
  /** How facts become a judgement; the real store's way when left out. */
  readonly judge?: typeof judgeAsTheRealOne;
  /** Whether any attempt of this operation ever began; none did when left out. */
  readonly claimed?: (operationId: string) => boolean;
}

export function createFakeStore(options: FakeStoreOptions): FakeStore {
  const { guards = createGuardsOf({ rules: defaultRules }) } = options;
  const { now, policyTable, judge = judgeAsTheRealOne, claimed = () => false } = options;
  let table = policyTable;
  const book = new FakeBook(now, policyTable);
  const leases = new Map<string, FakeLease>();
  const quarantine = new Map<string, Quarantine>();
  const switches = new Map<string, StopOrder>();
  const broken = new Map<StoredFact, string>();
  const refs = new Map<string, RunRef>();
  const counts = new FakeCounts({ now, ledger: book.ledger, leases, quarantine });
  let identity = 'fake';
  const covering = (operationId: string, actionClass: string): string[] => {
    const ref = refs.get(operationId.split('/')[0] ?? '');
    const around = ref === undefined ? [everything] : scopesOf(ref, []);
    return [...around, `class:${actionClass}`];
  };
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  const watch: StopWatch = {
    wordOn(scopes) {
      const unread = broken.get('stops');
      if (unread !== undefined) return { why: unread, isRead: false };
      const [order] = scopes.flatMap((scope) => switches.get(scope) ?? []);
      return order && { why: `${order.by} stopped ${order.scope}: ${order.why}`, isRead: true };
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };

  const reading = <Value>(fact: StoredFact, read: () => Value): Known<Value> => {
    const why = broken.get(fact);
    return why === undefined ? known(read()) : { known: false, why };
  };
  const hear = (input: JudgeInput, terms: Known<GuardTerms>): Heard => {
    const wanted = terms.known ? known(wantedOf(input, terms.value)) : terms;
    const counted = wanted.known ? reading('counts', () => counts.reading(wanted.value)) : wanted;
    const targets = targetsOf(input.proposal);
    const held = <Mark>(marks: ReadonlyMap<string, Mark>): Mark[] =>
      targets.flatMap((target) => marks.get(target) ?? []);
    return {
      stored: {
        stops: reading('stops', () =>
          scopesOf(input, input.proposal.steps).flatMap((scope) => switches.get(scope) ?? []),
        ),
        quarantined: reading('quarantined', () => held(quarantine)),
        leases: reading('leases', () => held(leases).filter(({ holder }) => holder !== input.run)),
        guards: guardFactsOf(input, { wanted, reading: counted }),
        ceilings: known(everythingEarned(input)),
      },
      policy: reading('policy', () => answerOf(table, input)),
    };
  };

  return {
    record(input) {
      refs.set(input.run, input);
      const closed = input.entries.some(({ kind }) => kind === 'closed');
      const released = closed || input.release === true;
      if (closed) book.accountForUnbegun(input, claimed);
      const stands = book.standingFor(input);
      book.write(input, stands === null ? input : { ...input, notices: [] });
      if (released) releaseAll(leases, input.run);
      for (const target of stands === null ? (input.quarantine?.targets ?? []) : []) {
        if (quarantine.has(target)) continue;
        quarantine.set(target, { target, run: input.run, why: input.quarantine?.why ?? '' });
      }
      return Promise.resolve(stands);
    },
    async consider(input) {
      refs.set(input.run, input);
      if (book.isOver(input.run)) throw over(input.run);
      book.write(input, input);
      return judge(input, hear(input, await guards.ask(guardQuestionOf(input))));
    },
    async admit(input) {
      const terms = await guards.ask(guardQuestionOf(input));
      // from here on nothing is waited for: what was counted is still so when it is taken
      if (book.isOver(input.run)) throw over(input.run);
      const heard = hear(input, terms);
      const judgement = judge(input, heard);
      book.write(input, input);
      book.write(input, decisionPages(input, judgement, heard));
      if (notPassed(judgement.gates) === undefined) {
        for (const target of targetsOf(input.proposal))
          leases.set(target, counts.lease(target, input));
        counts.admitted(input);
      }
      return judgement;
    },
    attribute: () => Promise.resolve({ identity }),
    ledger: book.ledger,
    notices: book.notices,
    lines: book.lines,
    leases,
    quarantine,
    switches,
    stopOf(operationId, actionClass) {
      const why = broken.get('stops');
      if (why !== undefined) throw new Error(why);
      const scopes = covering(operationId, actionClass);
      const [order] = scopes.toSorted().flatMap((scope) => switches.get(scope) ?? []);
      return order && `${order.by} stopped ${order.scope}: ${order.why}`;
    },
    watch,
    covering,
    stop(order) {
      switches.set(requireScope(order.scope), order);
      tell();
    },
    resume: (scope) => void switches.delete(scope),
    releaseTarget: (target) => void quarantine.delete(target),
    unreadable(fact, why) {
      broken.set(fact, why);
      tell();
    },
    readable: (fact) => void broken.delete(fact),
    changePolicy: (changed) => {
      table = changed;
    },
    identifySenders: (text) => {
      identity = text;
    },
  };
}

function guardQuestionOf({ runbook, alert, proposal, nowMs }: JudgeInput) {
  const scopes = scopesOf({ runbook, alert }, proposal.steps);
  return { service: alert.service, scopes, nowMs };
}

/** The simulator's classes of action have earned what its policy grants; trust is tried on the real store. */
function everythingEarned({ alert, proposal }: JudgeInput): Ceiling[] {
  const { environment } = alert;
  return proposal.steps.flatMap(({ actionClass }) =>
    tiers.map((tier) => ({ actionClass, tier, environment, ceiling: 5, why: 'granted' }) as const),
  );
}

function over(run: string): Failure {
  return new Failure('failed', `run ${run} is closed or has its outcome: nothing is admitted`);
}

function releaseAll(leases: Map<string, FakeLease>, run: string): void {
  for (const [target, { holder }] of leases) if (holder === run) leases.delete(target);
}

function answerOf(table: PolicyTable, { runbook, alert, proposal }: JudgeInput): PolicyAnswer {
  const judged = judgePolicy(table, { runbook, alert, steps: proposal.steps });
  return { ...judged, self: table.self, digest: 'fake' };
}
