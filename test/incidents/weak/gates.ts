/** A store that asks one gate less, or takes what it could not read for nothing. For tests: no real store can be told to. */
import { factsOf, type Heard } from '../../../activities/store/judgement.js';
import type { CallFunction, Operations } from '../../../activities/effects.js';
import { noSwitch } from '../../../activities/stop-watch.js';
import { known } from '../../../workflows/domain/verdict.js';
import { gates, notPassed } from '../../../workflows/gates/index.js';
import type { Judgement, JudgedGate, JudgeInput, Terms } from '../../../workflows/store.js';
import { admit, consider } from '../../../workflows/store.js';
import type { Weakness } from '../incident.js';
import { wrapping } from './calls.js';

const everything: Terms = {
  level: 5,
  approvalsMin: 1,
  chain: [],
  vetoWindowMs: 0,
  overseers: [],
  tier: 'warning',
};

/** Every gate is asked but the one of this name. Throws when there is none. */
export function gateNotAsked(name: string): Weakness {
  const others = gates.filter((gate) => gate.name !== name);
  if (others.length === gates.length) throw new RangeError(`there is no gate ${name}`);
  const judge = (input: JudgeInput, heard: Heard): Judgement => {
    const judged: JudgedGate[] = [];
    for (const gate of others) {
      const verdict = gate.judge(factsOf(input, heard));
      judged.push({ gate: gate.name, verdict });
      if (verdict.kind !== 'pass') break;
    }
    const terms = heard.policy.known ? heard.policy.value.terms : null;
    return { gates: judged, terms: terms ?? everything };
  };
  if (name !== 'stopped') return { name: `the gate ${name} is not asked`, instead: { judge } };
  const says = 'neither the gate stopped nor the claim nor the effect asks for the switch';
  return { name: says, instead: { judge, ...switchUnasked } };
}

/** The second of the three that ask for the switch does not. */
function claimingBlindly(kept: Operations): Operations {
  return { ...kept, claim: (operationId, ttlMs) => kept.claim(operationId, ttlMs) };
}

/** Nor does the effect itself, before its changes. */
const switchUnasked = { operations: claimingBlindly, watch: () => noSwitch };

/** The gates hear something else than what was found. */
function hearing(
  change: (input: JudgeInput, heard: Heard) => Heard,
): NonNullable<Weakness['instead']> {
  const judge = (input: JudgeInput, heard: Heard): Judgement => {
    const changed = change(input, heard);
    const judged: JudgedGate[] = gates.map((gate) => {
      return { gate: gate.name, verdict: gate.judge(factsOf(input, changed)) };
    });
    const terms = changed.policy.known ? changed.policy.value.terms : null;
    return { gates: judged, terms: notPassed(judged) === undefined ? terms : null };
  };
  return { judge };
}

function permitted({ proposal }: JudgeInput): Heard['policy'] {
  const why = 'policy was not asked';
  const permissions = proposal.steps.map(({ name }) => ({ step: name, level: 5, why }) as const);
  return known({ permissions, terms: everything, self: [], digest: 'none' });
}

/** "History unreadable: do not block." */
export function unreadIsNone(): Weakness {
  const instead = hearing((input, { stored, policy }) => ({
    stored: {
      stops: stored.stops.known ? stored.stops : known([]),
      quarantined: stored.quarantined.known ? stored.quarantined : known([]),
      leases: stored.leases.known ? stored.leases : known([]),
      guards: stored.guards,
      ceilings: stored.ceilings,
    },
    policy: policy.known ? policy : permitted(input),
  }));
  const blind = { ...instead, ...switchUnasked };
  return { name: 'what cannot be read counts as nothing in the way', instead: blind };
}

/** A service that policy does not name gets level 5. */
export function unnamedIsPermitted(): Weakness {
  const instead = hearing((input, { stored, policy }) => {
    const silent = policy.known && policy.value.terms === null;
    return { stored, policy: silent ? permitted(input) : policy };
  });
  return { name: 'what policy does not name is permitted', instead };
}

/** The rungs of the escalation chain have no end. */
export function questionsStandForEver(): Weakness {
  const instead = hearing((_, heard) => {
    const { policy } = heard;
    if (!policy.known || policy.value.terms === null) return heard;
    const chain = [{ notify: 'on-call', waitMs: Number.MAX_SAFE_INTEGER / 2 }];
    const terms = { ...policy.value.terms, chain };
    return { ...heard, policy: known({ ...policy.value, terms }) };
  });
  return { name: 'a question to people never ends', instead };
}

/** No judgement is taken for a yes. */
export function silenceOfTheStoreIsYes(): Weakness {
  const yes: Judgement = {
    gates: gates.map(({ name }) => ({ gate: name, verdict: { kind: 'pass' } })),
    terms: everything,
  };
  const calls = wrapping(isJudging, (call): CallFunction => async (input, context) => {
    const judgement = await call(input, context).catch(() => yes);
    return isAnswer(judgement) ? judgement : yes;
  });
  const instead = { calls, ...switchUnasked };
  return { name: 'a store that does not answer has said yes', instead };
}

export function isJudging(name: string): boolean {
  return name === consider.name || name === admit.name;
}

function isAnswer(judgement: unknown): boolean {
  const { terms } = (judgement ?? {}) as Partial<Judgement>;
  return terms !== undefined;
}
