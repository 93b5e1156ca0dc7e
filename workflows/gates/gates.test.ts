/** The gates, one by one and together: when each refuses, with its one reason, and that unknown is no. */
import { describe, expect, test } from '@jest/globals';
import { factsWith, step, unread } from '../../test/support/gate-facts.js';
import { alertOf, storyStartMs } from '../../test/support/simulator/simulator.js';
import { reasons } from '../domain/reason.js';
import { known } from '../domain/verdict.js';
import type { Level } from '../domain/level.js';
import type { Consent, GateFacts } from './gate.js';
import { gates, judgeAll, notPassed } from './index.js';
import { approved } from './approved.js';
import { lease } from './lease.js';
import { policy } from './policy.js';
import { quarantined } from './quarantined.js';
import { resolved } from './resolved.js';
import { self } from './self.js';
import { stale } from './stale.js';
import { stopped } from './stopped.js';

const mark = { target: step.target, run: 'other.fp.1', why: 'its undo failed' };

describe('when a person stopped a scope of the run', () => {
  test('the gate stopped refuses and says who stopped what and why', () => {
    const stops = known([{ scope: 'service:shop', by: 'ana', why: 'migration' }]);
    expect(stopped.judge(factsWith({ stops }))).toEqual({
      kind: 'refuse',
      reason: 'stopped',
      why: 'ana stopped service:shop: migration',
    });
  });
});

describe('when a target or the service is a part of Belay', () => {
  test.each([
    ['service', { alert: alertOf('ServiceDown', { service: 'belay-console' }) }],
    ['target', { steps: [{ ...step, target: 'process:local/belay-worker' }] }],
  ])('the gate self refuses with own-part: %s', (_, over) => {
    expect(self.judge(factsWith(over))).toMatchObject({ kind: 'refuse', reason: 'own-part' });
  });
});

describe('when the alert has grown old', () => {
  const at = (ageMs: number) => factsWith({ nowMs: storyStartMs + ageMs, maxAgeMs: 60_000 });

  test('the gate stale refuses past the age the runbook acts within, and not at it', () => {
    expect(stale.judge(at(60_000))).toEqual({ kind: 'pass' });
    expect(stale.judge(at(60_001))).toMatchObject({ kind: 'refuse', reason: 'stale' });
  });

  test('the gate stale takes an alert from the future for a new one', () => {
    expect(stale.judge(at(-3_600_000))).toEqual({ kind: 'pass' });
  });
});

describe('when its sender said that the alert resolved', () => {
  test('the gate resolved refuses with resolved-meanwhile', () => {
    const verdict = resolved.judge(factsWith({ resolved: true }));
    expect(verdict).toMatchObject({ kind: 'refuse', reason: 'resolved-meanwhile' });
  });
});

describe('when an earlier run left a target unsafe', () => {
  test('the gate quarantined refuses and names run, target and why', () => {
    expect(quarantined.judge(factsWith({ quarantined: known([mark]) }))).toEqual({
      kind: 'refuse',
      reason: 'quarantined',
      why: 'run other.fp.1 left process:local/shop unsafe: its undo failed',
    });
  });
});

describe('when another run holds a target', () => {
  test('the gate lease says not now, with target-busy, and when to ask again', () => {
    const leases = known([{ target: step.target, holder: 'other.fp.1' }]);
    expect(lease.judge(factsWith({ leases }))).toEqual({
      kind: 'hold',
      reason: 'target-busy',
      why: 'run other.fp.1 holds process:local/shop',
      retryAfterMs: 5000,
    });
  });
});

describe('when a step would change a resource that nobody approved', () => {
  test('the gate approved refuses with not-approved, whatever level is permitted', () => {
    const unapproved = 'image shop:9 is not on the list in approved.yaml';
    const permissions = known([{ step: 'restart', level: 4 as const, why: '', unapproved }]);
    expect(approved.judge(factsWith({ permissions }))).toEqual({
      kind: 'refuse',
      reason: 'not-approved',
      why: `step restart: ${unapproved}`,
    });
  });
});

describe('when policy is silent about a step', () => {
  test('the gate policy refuses a step that nothing permits, and says why', () => {
    const permissions = known([{ step: 'restart', level: null, why: 'no such service' }]);
    expect(policy.judge(factsWith({ permissions }))).toMatchObject({
      reason: 'policy-forbids',
      why: 'step restart: no such service',
    });
  });

  test('the gate policy refuses when one of several steps has no answer', () => {
    const steps = [step, { ...step, name: 'second' }];
    const verdict = policy.judge(factsWith({ steps }));
    expect(verdict).toMatchObject({ kind: 'refuse', reason: 'policy-forbids' });
  });
});

describe('when policy asks for more than was agreed to', () => {
  const under = (level: Level, approvalsMin = 1) => ({ level, approvalsMin });
  const judged = (now: Consent, agreed: Consent) =>
    policy.judge(factsWith({ asked: known(now), agreed }));

  test.each([
    ['a lower level', under(3), under(4)],
    ['another person', under(3, 2), under(3)],
  ])('the gate policy refuses: %s', (_, now, agreed) => {
    expect(judged(now, agreed)).toMatchObject({ kind: 'refuse', reason: 'policy-forbids' });
  });

  test.each([
    ['the same', under(3), under(3)],
    ['a higher level', under(5), under(4)],
    ['approvals that no level 4 needs', under(4, 2), under(4)],
  ])('the gate policy passes: %s', (_, now, agreed) => {
    expect(judged(now, agreed)).toEqual({ kind: 'pass' });
  });
});

describe('unknown is no', () => {
  const facts: (keyof GateFacts)[] = [
    'stops',
    'self',
    'quarantined',
    'leases',
    'permissions',
    'asked',
  ];

  test.each(facts)('a run is refused as unreadable when %s cannot be read', (fact) => {
    const blocked = notPassed(judgeAll(factsWith({ [fact]: unread })));
    expect(blocked?.verdict).toMatchObject({ kind: 'refuse', reason: 'unreadable' });
    expect(blocked?.verdict).toHaveProperty('why', expect.stringContaining('the table is locked'));
  });
});

describe('the list of gates', () => {
  test('is asked in the order of the design, cheapest first', () => {
    expect(gates.map(({ name }) => name)).toEqual([
      'stopped',
      'self',
      'stale',
      'resolved',
      'quarantined',
      'frozen',
      'recurring',
      'storm',
      'dependency',
      'lease',
      'blast-radius',
      'budget',
      'error-budget',
      'rate',
      'breaker',
      'approved',
      'policy',
    ]);
  });

  test('has one reason of the closed list for each gate, and no two share it', () => {
    const used = gates.map(({ reason }) => reason);
    expect(used.every((reason) => reason in reasons)).toBe(true);
    expect(new Set(used).size).toBe(used.length);
  });

  test('answers up to the first that does not pass', () => {
    const judged = judgeAll(factsWith({ resolved: true, quarantined: known([mark]) }));
    expect(judged.map(({ gate }) => gate)).toEqual(['stopped', 'self', 'stale', 'resolved']);
    expect(notPassed(judged)?.gate).toBe('resolved');
  });

  test('lets a run through that nothing speaks against', () => {
    const judged = judgeAll(factsWith());
    expect(judged).toHaveLength(gates.length);
    expect(notPassed(judged)).toBeUndefined();
  });
});
