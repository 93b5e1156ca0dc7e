/** The gates that count, one by one: when each refuses or holds, with its one reason, and that unknown is no. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { guardedBy, quiet, unread } from '../../test/support/gate-facts.js';
import { hours, minutes } from '../domain/time.js';
import { known } from '../domain/verdict.js';
import { blastRadius } from './blast-radius.js';
import { breaker } from './breaker.js';
import { budget } from './budget.js';
import { dependency } from './dependency.js';
import { errorBudget } from './error-budget.js';
import { frozen } from './frozen.js';
import type { Gate } from './gate.js';
import type { Attempt, Circuit, Freeze, GuardFacts, Radius, StormFact } from './guard-facts.js';
import { rate } from './rate.js';
import { recurring } from './recurring.js';
import { storm } from './storm.js';

const hour = { withinMs: hours(1) };
const judged = (gate: Gate, over: Partial<GuardFacts>) => gate.judge(guardedBy(over));

describe('when a service was repaired often', () => {
  test('the gate recurring lets the third through and refuses the fourth with recurring', () => {
    const after = (count: number) =>
      judged(recurring, { recurring: known({ count, max: 3, ...hour }) });
    expect(after(2)).toEqual({ kind: 'pass' });
    expect(after(3)).toEqual({
      kind: 'refuse',
      reason: 'recurring',
      why: 'shop was repaired 3 times within 1h: a person must find out why',
    });
  });
});

describe('when a calendar says no', () => {
  const freeze: Freeze = { kind: 'freeze', says: 'quarter end', calendar: 'a.ics', untilMs: 0 };
  const alone: Freeze = { ...freeze, kind: 'no-automation', says: 'holiday' };

  test('the gate frozen refuses with frozen, and names calendar and end', () => {
    expect(judged(frozen, { frozen: known([freeze]) })).toEqual({
      kind: 'refuse',
      reason: 'frozen',
      why: 'quarter end (a.ics): nothing is changed until 1970-01-01 00:00 UTC',
    });
  });

  test.each([
    [4, 'refuse'],
    [3, 'pass'],
  ] as const)('on a day without automation level %s is a %s', (level, kind) => {
    const asked = known({ level, approvalsMin: 1 });
    const facts = { ...guardedBy({ frozen: known([alone]) }), asked };
    expect(frozen.judge(facts).kind).toBe(kind);
  });

  test('on a day without automation what policy asks for must be known', () => {
    const facts = { ...guardedBy({ frozen: known([alone]) }), asked: unread };
    expect(frozen.judge(facts)).toMatchObject({ kind: 'refuse', reason: 'frozen' });
  });
});

describe('when much of the fleet is sick', () => {
  const calm: StormFact = {
    scope: 'zone a',
    sick: 6,
    services: 10,
    state: 'calm',
    admitted: 0,
    mayBeAdmitted: 1,
  };
  const verdict = (over: Partial<StormFact>) =>
    judged(storm, { storms: known([{ ...calm, ...over }]) });

  test('the gate storm holds with storm while one is on', () => {
    expect(verdict({ state: 'on' })).toMatchObject({
      kind: 'hold',
      reason: 'storm',
      why: '6 of 10 services in zone a are sick: look for one cause',
    });
    expect(verdict({})).toEqual({ kind: 'pass' });
  });

  test('the gate storm lets in as many as the pace permits once it ends', () => {
    expect(verdict({ state: 'ending', admitted: 0 })).toEqual({ kind: 'pass' });
    expect(verdict({ state: 'ending', admitted: 1 })).toMatchObject({ kind: 'hold' });
  });

  test('no two runs need ask again at the same moment', () => {
    const facts = guardedBy({ storms: known([{ ...calm, state: 'on' }]) });
    const waits = ['r.a.1', 'r.b.1', 'r.c.1'].map((run) => {
      const held = storm.judge({ ...facts, run });
      return held.kind === 'hold' ? held.retryAfterMs : 0;
    });
    expect(new Set(waits).size).toBe(3);
    for (const waitMs of waits) expect(waitMs).toBeLessThanOrEqual(30_000);
  });
});

test('the gate dependency holds with dependency-sick and names the run that comes first', () => {
  const sickDependencies = known([{ service: 'db', run: 'restart-service.db.1' }]);
  expect(judged(dependency, { sickDependencies })).toMatchObject({
    kind: 'hold',
    reason: 'dependency-sick',
    why: 'shop depends on db, which is sick or was a moment ago: run restart-service.db.1 comes first',
  });
});

describe('when too much would be touched', () => {
  const radius: Radius = {
    scope: 'zone a',
    unit: 'targets',
    held: 1,
    adds: 1,
    max: 2,
    says: '50% of 4 instances',
  };
  const verdict = (over: Partial<Radius>) =>
    judged(blastRadius, { radii: known([{ ...radius, ...over }]) });

  test('the gate blast-radius passes up to the cap and holds past it with blast-radius', () => {
    expect(verdict({})).toEqual({ kind: 'pass' });
    expect(verdict({ held: 2 })).toEqual({
      kind: 'hold',
      reason: 'blast-radius',
      why: '2 held by others, 1 more targets of zone a would exceed 2 (50% of 4 instances)',
      retryAfterMs: 5000,
    });
  });

  test('the gate blast-radius refuses what no waiting makes smaller', () => {
    expect(verdict({ adds: 3 })).toMatchObject({ kind: 'refuse', reason: 'blast-radius' });
    expect(verdict({ max: 0, held: 0 })).toMatchObject({ kind: 'refuse' });
  });
});

test('the gate budget refuses with risk-spent what costs more points than are left', () => {
  const spent = (count: number) =>
    judged(budget, { risk: known({ count, adds: 3, max: 10, ...hour }) });
  expect(spent(7)).toEqual({ kind: 'pass' });
  expect(spent(8)).toMatchObject({ kind: 'refuse', reason: 'risk-spent' });
});

describe('when the error budget runs out', () => {
  const left = (share: number, ageMs = 0) => {
    const fact = { left: share, leftMin: 0.1, ageMs, ageMsMax: minutes(5) };
    return judged(errorBudget, { errorBudget: known(fact) });
  };

  test('the gate error-budget refuses with error-budget-spent below what must be left', () => {
    expect(left(0.1)).toEqual({ kind: 'pass' });
    expect(left(0.099)).toMatchObject({ kind: 'refuse', reason: 'error-budget-spent' });
    expect(left(Number.NaN)).toMatchObject({ kind: 'refuse' });
  });

  test('the gate error-budget takes an old figure for none', () => {
    expect(left(1, minutes(6))).toMatchObject({ kind: 'refuse', reason: 'unreadable' });
    expect(left(1, Number.NaN)).toMatchObject({ kind: 'refuse', reason: 'unreadable' });
  });
});

test('the gate rate holds with rate-limited, and refuses a plan that is larger than the limit', () => {
  const asked = (count: number, adds: number) =>
    judged(rate, { rates: known([{ actionClass: 'restart', count, adds, max: 2, ...hour }]) });
  expect(asked(1, 1)).toEqual({ kind: 'pass' });
  expect(asked(2, 1)).toMatchObject({ kind: 'hold', reason: 'rate-limited' });
  expect(asked(0, 3)).toMatchObject({ kind: 'refuse', reason: 'rate-limited' });
});

describe('when an action keeps failing', () => {
  const nowMs = guardedBy({}).nowMs;
  const attempt = (came: Attempt['came'], agoMs: number): Attempt => {
    return { run: `run-${agoMs}`, came, atMs: nowMs - agoMs };
  };
  const verdict = (...attempts: Attempt[]) => {
    const circuit: Circuit = {
      says: 'test.restart on h',
      attempts,
      failuresMax: 3,
      retryAfterMs: minutes(30),
    };
    return judged(breaker, { circuits: known([circuit]) });
  };
  const bad = [1, 2, 3].map((nth) => attempt('bad', minutes(nth)));

  test('the gate breaker is closed until so many attempts in a row were bad', () => {
    expect(verdict()).toEqual({ kind: 'pass' });
    expect(verdict(...bad.slice(0, 2))).toEqual({ kind: 'pass' });
    expect(verdict(...bad.slice(0, 2), attempt('well', 9), ...bad)).toEqual({ kind: 'pass' });
  });

  test('the gate breaker is open then, refuses with breaker-open and says for how long', () => {
    expect(verdict(...bad)).toEqual({
      kind: 'refuse',
      reason: 'breaker-open',
      why: 'test.restart on h failed 3 times in a row; one try is let in in 29m',
    });
  });

  test('the gate breaker lets exactly one in after a while, and holds the others meanwhile', () => {
    const old = [31, 32, 33].map((nth) => attempt('bad', minutes(nth)));
    expect(verdict(...old)).toEqual({ kind: 'pass' });
    expect(verdict(attempt('pending', 1), ...old)).toMatchObject({
      kind: 'hold',
      why: 'test.restart on h kept failing, and run run-1 is the one that tries again',
    });
    expect(verdict(attempt('bad', 1), ...old)).toMatchObject({ kind: 'refuse' });
    expect(verdict(attempt('well', 1), ...old)).toEqual({ kind: 'pass' });
  });

  test('the gate breaker agrees with a breaker that keeps its state', () => {
    const ends = fc.array(fc.constantFrom<Attempt['came']>('well', 'bad'), { maxLength: 12 });
    fc.assert(
      fc.property(ends, (came) => {
        const attempts = came.map((one, at) => attempt(one, minutes(came.length - at)));
        const failures = came.reduce((count, one) => (one === 'well' ? 0 : count + 1), 0);
        expect(verdict(...attempts.toReversed()).kind).toBe(failures >= 3 ? 'refuse' : 'pass');
      }),
    );
  });
});

describe('unknown is no', () => {
  const cases: [Gate, keyof GuardFacts][] = [
    [frozen, 'frozen'],
    [recurring, 'recurring'],
    [storm, 'storms'],
    [dependency, 'sickDependencies'],
    [blastRadius, 'radii'],
    [budget, 'risk'],
    [errorBudget, 'errorBudget'],
    [rate, 'rates'],
    [breaker, 'circuits'],
  ];

  test.each(cases.map(([gate, fact]) => [gate.name, fact, gate] as const))(
    'the gate %s refuses when %s cannot be read, and passes when it has nothing to say',
    (_, fact, gate) => {
      const verdict = judged(gate, { [fact]: unread });
      expect(verdict).toMatchObject({ kind: 'refuse', reason: 'unreadable' });
      expect(judged(gate, quiet)).toEqual({ kind: 'pass' });
    },
  );
});
