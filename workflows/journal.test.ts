/** The journal: what answers from it when the runbook's function starts again, and what is seen anew. */
import { describe, expect, test } from '@jest/globals';
import { Journal, ObservationKeys, stepKey } from './journal.js';

describe('a journal', () => {
  test('answers a step that is done for ever', () => {
    const journal = new Journal();
    journal.done(stepKey('restart'), { pid: 7 }, 5);
    journal.rewind(9);
    journal.rewind(9);
    expect(journal.find(stepKey('restart'))).toMatchObject({ value: { pid: 7 } });
  });

  test('keeps what was seen before the last step, and forgets what was seen after it', () => {
    const journal = new Journal();
    journal.observed('before', 1, 4);
    journal.done(stepKey('restart'), null, 5);
    journal.observed('after', 2, 6);
    journal.rewind(9);
    expect(journal.find('before')).toMatchObject({ value: 1 });
    expect(journal.find('after')).toBeUndefined();
  });

  test('forgets everything that was seen while no step is done', () => {
    const journal = new Journal();
    journal.observed('seen', 1, 6);
    journal.rewind(9);
    expect(journal.find('seen')).toBeUndefined();
  });

  test('keeps what is still fresh, though it was seen after the last step', () => {
    const journal = new Journal();
    journal.observed('old', 1, 6);
    journal.observed('fresh', 2, 10);
    journal.rewind(9);
    expect(journal.find('old')).toBeUndefined();
    expect(journal.find('fresh')).toMatchObject({ value: 2 });
  });

  test('forgets at a step what was rehearsed and not asked for again before it', () => {
    const journal = new Journal();
    journal.rewind(0);
    journal.observed('before the step', 1, 10);
    journal.observed('after the step', 2, 10);
    journal.rewind(9);
    journal.find('before the step');
    journal.done(stepKey('restart'), null, 11);
    expect(journal.find('before the step')).toMatchObject({ value: 1 });
    expect(journal.find('after the step')).toBeUndefined();
  });

  test('tells a step that left nothing from one that was not done', () => {
    const journal = new Journal();
    journal.done(stepKey('restart'), null, 5);
    expect(journal.find(stepKey('restart'))).toMatchObject({ value: null });
    expect(journal.find(stepKey('other'))).toBeUndefined();
  });
});

test('the same question asked again is another observation; the order of its fields is none', () => {
  const keys = new ObservationKeys();
  const first = keys.next('setting.read', { service: 'shop', key: 'retries' });
  const second = keys.next('setting.read', { key: 'retries', service: 'shop' });
  expect(second).not.toBe(first);
  const again = new ObservationKeys();
  expect(again.next('setting.read', { key: 'retries', service: 'shop' })).toBe(first);
});
