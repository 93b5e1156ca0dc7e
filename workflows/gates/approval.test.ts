/** Counting answers: who must have said what for a plan to pass; checked against a model that counts by hand. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Level } from '../domain/level.js';
import { judgeApproval, type Answer, type ApprovalFacts } from './approval.js';

function facts(over: Partial<ApprovalFacts>): ApprovalFacts {
  return {
    level: 3,
    approvalsMin: 1,
    requester: 'alert',
    answers: [],
    vetoUntilMs: 0,
    nowMs: 0,
    ...over,
  };
}

const says = (kind: Answer['kind'], by: string, note = ''): Answer => ({ kind, by, note });

describe('the gate approval', () => {
  test('waits at level 3 until enough different people approved', () => {
    const twice = [says('approve', 'ana'), says('approve', 'ana')];
    const held = judgeApproval(facts({ approvalsMin: 2, answers: twice }));
    expect(held).toMatchObject({ kind: 'hold', why: '1 of 2 people sent approve' });
    const both = [...twice, says('approve', 'ben')];
    expect(judgeApproval(facts({ approvalsMin: 2, answers: both }))).toEqual({ kind: 'pass' });
  });

  test('does not count whoever asked for the run where two must agree, but does where one suffices', () => {
    const answers = [says('approve', 'ana')];
    const two = facts({ approvalsMin: 2, requester: 'ana', answers });
    expect(judgeApproval(two)).toMatchObject({ why: '0 of 2 people sent approve' });
    expect(judgeApproval(facts({ requester: 'ana', answers }))).toEqual({ kind: 'pass' });
  });

  test('refuses once anybody rejected, with rejected, who and why', () => {
    const answers = [says('approve', 'ana'), says('reject', 'ben', 'not now')];
    expect(judgeApproval(facts({ answers }))).toEqual({
      kind: 'refuse',
      reason: 'rejected',
      why: 'ben rejected this plan: not now',
    });
  });

  test('passes at level 4 when the veto window has closed, and not before', () => {
    const open = facts({ level: 4, vetoUntilMs: 10, nowMs: 9 });
    expect(judgeApproval(open)).toMatchObject({ kind: 'hold', retryAfterMs: 1 });
    expect(judgeApproval({ ...open, nowMs: 10 })).toEqual({ kind: 'pass' });
  });

  test('refuses a veto with vetoed', () => {
    const vetoed = facts({ level: 4, vetoUntilMs: 10, answers: [says('veto', 'ana')] });
    expect(judgeApproval(vetoed)).toMatchObject({ kind: 'refuse', reason: 'vetoed' });
  });

  test('wants a trigger at level 2: an approval is another word', () => {
    const approved = facts({ level: 2, answers: [says('approve', 'ana')] });
    expect(judgeApproval(approved)).toMatchObject({ kind: 'hold' });
    const triggered = facts({ level: 2, approvalsMin: 3, answers: [says('trigger', 'ana')] });
    expect(judgeApproval(triggered)).toEqual({ kind: 'pass' });
  });

  test('agrees with a model that counts by hand', () => {
    const people = fc.constantFrom('ana', 'ben', 'eve');
    const kinds = fc.constantFrom<Answer['kind']>('approve', 'trigger', 'reject', 'veto');
    const given = fc.record({
      level: fc.constantFrom<Level>(2, 3, 4, 5),
      approvalsMin: fc.integer({ min: 1, max: 3 }),
      requester: fc.oneof(people, fc.constant('alert')),
      answers: fc.array(fc.record({ kind: kinds, by: people, note: fc.constant('') })),
      vetoUntilMs: fc.integer({ min: 0, max: 5 }),
      nowMs: fc.integer({ min: 0, max: 5 }),
    });
    fc.assert(
      fc.property(given, (asked) => {
        expect(judgeApproval(asked).kind).toBe(byHand(asked));
      }),
      { numRuns: 2000 },
    );
  });
});

/** As a clerk would: any no is no; then cross off whoever does not count; then count heads. */
function byHand(asked: ApprovalFacts): 'pass' | 'hold' | 'refuse' {
  const { level, answers, approvalsMin, requester } = asked;
  for (const { kind } of answers) if (kind === 'reject' || kind === 'veto') return 'refuse';
  if (level >= 4) return asked.nowMs < asked.vetoUntilMs ? 'hold' : 'pass';
  const wanted = level === 2 ? 'trigger' : 'approve';
  const needed = level === 2 ? 1 : approvalsMin;
  const heads: string[] = [];
  for (const { kind, by } of answers) {
    if (kind !== wanted || heads.includes(by)) continue;
    if (needed > 1 && by === requester) continue;
    heads.push(by);
  }
  return heads.length >= needed ? 'pass' : 'hold';
}
