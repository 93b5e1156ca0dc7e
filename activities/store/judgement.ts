/** From facts to a judgement and its ledger line. Pure: reads nothing, takes nothing. */
import type { Entry } from '../../workflows/domain/entry.js';
import { targetsOf } from '../../workflows/domain/plan.js';
import { known, type Known } from '../../workflows/domain/verdict.js';
import type { GuardFacts } from '../../workflows/gates/guard-facts.js';
import type { GateFacts, Lease, Quarantine, StopOrder } from '../../workflows/gates/gate.js';
import { judgeAll, notPassed } from '../../workflows/gates/index.js';
import type { Json } from '../../workflows/domain/json.js';
import type { Judgement, JudgeInput, Pages } from '../../workflows/store.js';
import { cautious } from './cautious.js';
import type { PolicyAnswer } from './policy.js';
import { scopesOf } from './scope.js';
import { underCeilings, type Ceiling } from './trust/ceiling.js';

/** The facts that are kept in the store itself. */
export interface StoredFacts {
  readonly stops: Known<readonly StopOrder[]>;
  readonly quarantined: Known<readonly Quarantine[]>;
  /** Leases of other runs on the proposal's targets. */
  readonly leases: Known<readonly Lease[]>;
  /** What was counted of the store, beside what files and sources say. */
  readonly guards: GuardFacts;
  /** What the classes of the proposal's steps have earned. */
  readonly ceilings: Known<readonly Ceiling[]>;
}

export interface Heard {
  readonly stored: StoredFacts;
  readonly policy: Known<PolicyAnswer>;
  /** Stops that are not in the store: a file on the worker's machine. None when left out. */
  readonly alsoStopped?: Known<readonly StopOrder[]>;
}

/** Asks the gates in order and adds the terms once policy passed. */
export function judge(input: JudgeInput, said: Heard): Judgement {
  const heard = earned(input, withCaution(input, said));
  const gates = judgeAll(factsOf(input, heard));
  const permitted = gates.some(({ gate, verdict }) => gate === 'policy' && verdict.kind === 'pass');
  const terms = permitted && heard.policy.known ? heard.policy.value.terms : null;
  return { gates, terms };
}

function withCaution({ proposal }: JudgeInput, said: Heard): Heard {
  return { ...said, policy: cautious(proposal, said.policy) };
}

/** Policy's answer with no level above the one that was earned. */
function earned(input: JudgeInput, heard: Heard): Heard {
  return { ...heard, policy: underCeilings(input, heard.policy, heard.stored.ceilings) };
}

/** Where policy permits more than was earned people are asked who otherwise would not be: the ledger says why. */
export function loweredPages(input: JudgeInput, heard: Heard): Pages {
  const whys = loweringsOf(input, heard);
  const { planHash, round } = input.proposal;
  const entries = whys.map((why): Entry => {
    const detail = { gate: 'policy', lowered: why, planHash, round };
    return { kind: 'decision', says: `policy: ${why}`, atMs: input.nowMs, actor: 'belay', detail };
  });
  return { entries, notices: [] };
}

function loweringsOf(input: JudgeInput, heard: Heard): string[] {
  const { policy } = earned(input, heard);
  if (!policy.known || !heard.policy.known) return [];
  const before = heard.policy.value.permissions;
  const lower = policy.value.permissions.filter((permission, at) => {
    return permission.level !== before[at]?.level;
  });
  return lower.map(({ step, why }) => `step ${step}: ${why}`);
}

/** What the gates look at, from what was asked and what was heard. */
export function factsOf(input: JudgeInput, heard: Heard): GateFacts {
  const { stored, policy } = heard;
  return {
    nowMs: input.nowMs,
    run: input.run,
    alert: input.alert,
    resolved: input.resolved,
    maxAgeMs: input.maxAgeMs,
    steps: input.proposal.steps,
    ...stored,
    stops: stopsHeard(input, heard),
    self: policy.known ? known(policy.value.self) : policy,
    permissions: policy.known ? known(policy.value.permissions) : policy,
    asked: policy.known ? known(policy.value.terms) : policy,
    agreed: input.agreed ?? null,
  };
}

/** From every place that can say stop; when one of them cannot be read, none is believed. */
export function stopsHeard(
  input: JudgeInput,
  { stored, alsoStopped = known([]) }: Heard,
): Known<readonly StopOrder[]> {
  if (!stored.stops.known) return stored.stops;
  if (!alsoStopped.known) return alsoStopped;
  const covering = scopesOf(input, input.proposal.steps);
  const covers = ({ scope }: StopOrder): boolean => covering.includes(scope);
  return known([...alsoStopped.value.filter(covers), ...stored.stops.value]);
}

/** What an admission leaves in the ledger: what was decided, and with a yes what was to be written then. */
export function decisionPages(input: JudgeInput, judgement: Judgement, heard: Heard): Pages {
  const decision = decisionEntry(input, judgement, withCaution(input, heard));
  const passed = notPassed(judgement.gates) === undefined;
  const { entries, notices } = (passed ? input.onceIn : undefined) ?? nothing;
  return { entries: [decision, ...entries], notices };
}

const nothing: Pages = { entries: [], notices: [] };

/** What every gate said, and from which policy. */
function decisionEntry(input: JudgeInput, { gates, terms }: Judgement, heard: Heard): Entry {
  const stopped = notPassed(gates);
  const verdict = stopped?.verdict;
  const targets = targetsOf(input.proposal);
  const lowered = loweringsOf(input, heard);
  return {
    kind: 'decision',
    says:
      stopped === undefined || verdict === undefined || verdict.kind === 'pass'
        ? `every gate passed; leases taken on ${targets.join(', ') || 'nothing'}`
        : `the ${stopped.gate} gate said ${verdict.kind === 'hold' ? 'not now' : 'no'}: ${verdict.why}`,
    atMs: input.nowMs,
    actor: 'belay',
    ...(terms === null ? {} : { level: terms.level }),
    ...(verdict === undefined || verdict.kind === 'pass' ? {} : { reason: verdict.reason }),
    detail: {
      asked: 'at admission',
      planHash: input.proposal.planHash,
      round: input.proposal.round,
      gates: gates as unknown as Json,
      ...confidenceIn(input),
      policyDigest: heard.policy.known ? heard.policy.value.digest : null,
      ...traceOf(heard),
      ...(lowered.length === 0 ? {} : { lowered }),
    },
  };
}

/** What `belay policy explain` tells and `belay simulate` replays. */
function traceOf({ policy }: Heard): { readonly policy?: Json } {
  if (!policy.known || policy.value.trace === undefined) return {};
  return { policy: policy.value.trace as unknown as Json };
}

/** With its parts, so that the decision alone tells what it rested on. */
function confidenceIn({ proposal: { confidence } }: JudgeInput): { readonly confidence?: Json } {
  return confidence === undefined ? {} : { confidence: confidence as unknown as Json };
}
