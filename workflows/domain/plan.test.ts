/** The plan hash: what changes it, what does not, and what names a plan. */
import { describe, expect, test } from '@jest/globals';
import { namesPlan, planHashOf, shortHash, targetsOf, type PlannedStep } from './plan.js';

const step: PlannedStep = {
  name: 'lower-retries',
  action: 'setting.change',
  actionClass: 'configure',
  target: 'setting:shop/retries',
  says: 'set retries of shop to 3 and reload',
  input: { service: 'shop', key: 'retries', value: 3 },
  before: { sha256: 'aa', value: 5 },
  expected: { sha256: 'bb', value: 3 },
  irreversible: null,
  bounds: { value: { min: 0, max: 10 } },
};
const plan = {
  runbook: 'tune-retries',
  steps: [step],
  done: [] as readonly string[],
  confirmations: [{ says: 'it calms down', withinMs: 30_000 }],
};
const hash = planHashOf(plan);

describe('the plan hash', () => {
  test.each([
    ['another runbook', { ...plan, runbook: 'other' }],
    ['another value', { ...plan, steps: [{ ...step, input: { ...step.input, value: 2 } }] }],
    ['another before-image', { ...plan, steps: [{ ...step, before: { sha256: 'cc', value: 5 } }] }],
    ['another target', { ...plan, steps: [{ ...step, target: 'setting:cart/retries' }] }],
    ['another action', { ...plan, steps: [{ ...step, action: 'setting.remove' }] }],
    ['a step more', { ...plan, steps: [step, { ...step, name: 'again' }] }],
    ['a step done already', { ...plan, done: ['restart'] }],
    ['a confirmation less', { ...plan, confirmations: [] }],
  ])('is another for %s', (_, changed) => {
    expect(planHashOf(changed)).not.toBe(hash);
  });

  test('is the same when only the words for people change, or the order of keys', () => {
    const input = { value: 3, key: 'retries', service: 'shop' };
    expect(planHashOf({ ...plan, steps: [{ ...step, says: 'lower them', input }] })).toBe(hash);
  });

  test('is another when steps change places', () => {
    const other = { ...step, name: 'other' };
    const one = planHashOf({ ...plan, steps: [step, other] });
    expect(planHashOf({ ...plan, steps: [other, step] })).not.toBe(one);
  });

  test('is the SHA-256 of canonical JSON, which is for ever', () => {
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(planHashOf({ runbook: 'a', steps: [], done: [], confirmations: [] })).toBe(
      '6b66f369b1693a9e88c042345b1f96b6b70c45b668b09cf0c688042678047b84',
    );
  });
});

describe('what names a plan', () => {
  test('its hash, or at least eight characters of its front, in either case', () => {
    expect(namesPlan(hash, hash)).toBe(true);
    expect(namesPlan(shortHash(hash), hash)).toBe(true);
    expect(namesPlan(shortHash(hash).toUpperCase(), hash)).toBe(true);
  });

  test('not fewer characters, another hash, or more than the hash', () => {
    expect(namesPlan(hash.slice(0, 7), hash)).toBe(false);
    expect(namesPlan('', hash)).toBe(false);
    expect(namesPlan(hash.slice(1, 10), hash)).toBe(false);
    expect(namesPlan(`${hash}0`, hash)).toBe(false);
  });
});

test('targets are named once each, in the order of the steps', () => {
  const steps = [step, { ...step, name: 'b' }, { ...step, name: 'c', target: 'process:a/b' }];
  const proposal = { ...plan, steps, round: 1, because: [], planHash: hash };
  expect(targetsOf(proposal)).toEqual(['setting:shop/retries', 'process:a/b']);
});
