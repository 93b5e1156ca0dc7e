/** What the ledger says of taking back, and which endings leave standing what was done. */
import { describe, expect, test } from '@jest/globals';
import { startAlone } from '../../test/support/story/alone.js';
import {
  keepHalf,
  lowerThree,
  lowerTwo,
  restartThenTune,
} from '../../test/support/story/runbooks.js';
import { seconds } from '../domain/time.js';
import type { FakeWorld } from '../../test/support/fake-world/fake-world.js';

const forEver = (world: FakeWorld): void => void world.storms('shop', { endsAtRetries: -1 });

describe('the line of an undo', () => {
  test('has the operation, how long it took, and the image it came back to', async () => {
    const faults = [{ site: 'act:*/lower-shop/undo', kind: 'lost-after', attempt: 1 }] as const;
    const run = startAlone({ runbook: lowerTwo, given: forEver, faults });
    const { run: id } = await run.ended();
    const [effect] = run.entries('effect');
    const undo = run.entries('undo').at(-1);
    expect(undo).toMatchObject({
      step: 'lower-shop',
      expected: effect?.before,
      actual: effect?.before,
      after: effect?.before,
      durationMs: seconds(3) + 250,
      detail: { operation: `${id}/lower-shop/undo` },
    });
    expect(run.runtime.shown.map(({ state }) => state)).toContain('unwinding');
  });

  test.each([
    ['it could not be looked at', 'ask:setting.change.look', 'fail', /it could not be looked at: /],
    ['nobody can say', 'act:*/undo', 'lost-before', /injected: the worker died$/],
    ['the adapter said no', 'act:*/undo', 'fail', /injected: it said no$/],
  ] as const)('says why not when %s', async (_, site, kind, why) => {
    const run = startAlone({ runbook: lowerTwo, given: forEver, faults: [{ site, kind }] });
    const report = await run.ended();
    expect(report.outcome).toBe('stuck');
    expect(report.why).toMatch(/^\S+, \S+ could not be taken back; /);
    for (const undo of run.entries('undo')) {
      expect(undo.actual).toMatch(why);
      expect(undo).not.toHaveProperty('after');
    }
  });
});

describe('a runbook that keeps what it did', () => {
  test('keeps it when it does not help', async () => {
    const report = await startAlone({ runbook: keepHalf, given: forEver }).ended();
    expect(report).toMatchObject({ outcome: 'unresolved', reason: 'not-confirmed' });
  });

  test('takes it back when a person halts it', async () => {
    const run = startAlone({ runbook: keepHalf, given: forEver });
    await run.until(seconds(5));
    run.runtime.send('halt', { by: 'ana' });
    expect(await run.ended()).toMatchObject({ outcome: 'undone', reason: 'halted' });
  });
});

test('an undo is told whether its step is known to have taken effect', async () => {
  const faults = [
    { site: 'act:*/lower-cart', kind: 'fail-after' },
    { site: 'act:*/lower-cart', kind: 'fail-after' },
  ] as const;
  const run = startAlone({ runbook: lowerThree, given: forEver, faults });
  expect((await run.ended()).outcome).toBe('undone');
  expect(run.entries('undo').map(({ step }) => step)).toEqual([
    'lower-mail',
    'lower-cart',
    'lower-shop',
  ]);
});

test('what cannot be taken back is named with its reason', async () => {
  const report = await startAlone({ runbook: restartThenTune, given: forEver }).ended();
  expect(report.outcome).toBe('unresolved');
  expect(report.why).toMatch(/; restart stands: \S+/);
});
