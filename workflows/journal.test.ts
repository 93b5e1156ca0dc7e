/** The journal: what answers from it when the runbook's function starts again, and what is seen anew. */
import { describe, expect, test } from '@jest/globals';
import { Journal, ObservationKeys, stepKey } from './journal.js';

describe('a journal', () => {
  test('answers a step that is done for ever', () => {
    const journal = new Journal();
    journal.done(stepKey('restart'), { pid: 7 });
    journal.rewind();
    journal.rewind();
    expect(journal.find(stepKey('restart'))).toMatchObject({ value: { pid: 7 } });
  });

  test('keeps what was seen before the last step, and forgets what was seen after it', () => {
    const journal = new Journal();
    journal.observed('before', 1);
    journal.done(stepKey('restart'), null);
    journal.observed('after', 2);
    journal.rewind();
    expect(journal.find('before')).toMatchObject({ value: 1 });
    expect(journal.find('after')).toBeUndefined();
  });

  test('forgets everything that was seen while no step is done', () => {
    const journal = new Journal();
    journal.observed('seen', 1);
    journal.rewind();
    expect(journal.find('seen')).toBeUndefined();
  });

  test('tells a step that left nothing from one that was not done', () => {
    const journal = new Journal();
    journal.done(stepKey('restart'), null);
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
