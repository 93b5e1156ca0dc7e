/** The hour after: how long it is, and what may be taken back in it. */
import { expect, test } from '@jest/globals';
import { startAlone } from '../../test/support/story/alone.js';
import { lowerTwo } from '../../test/support/story/runbooks.js';
import { hours, minutes } from '../domain/time.js';
import { defineRunbook } from '../runbook.js';

test.each([
  ['as long as the runbook says', minutes(5), minutes(5)],
  ['an hour at most', hours(3), hours(1)],
])('the undo window is %s', async (_, undoWindowMs, lastsMs) => {
  const runbook = defineRunbook({ ...lowerTwo.meta, undoWindowMs }, lowerTwo.body);
  const run = startAlone({ runbook });
  await run.ended();
  const resolved = run.entries('outcome')[0]?.atMs ?? 0;
  expect(run.entries('closed')[0]?.atMs).toBe(resolved + lastsMs);
});

test('an undo that the gates refuse is answered in the ledger, and the repair stands', async () => {
  const run = startAlone({ runbook: lowerTwo });
  await run.until(minutes(10));
  run.store.stop({ scope: 'service:shop', by: 'ana', why: 'migration' });
  run.runtime.send('undo', { by: 'ben' });
  await run.until(minutes(11));
  expect(run.entries('decision').at(-1)).toMatchObject({
    says: 'undo refused: ana stopped service:shop: migration',
    detail: { gate: 'undo' },
  });
  expect((await run.ended()).outcome).toBe('resolved');
});

test('an undo that no gate could be asked about takes nothing back', async () => {
  const faults = [{ site: 'ask:store.admit', kind: 'transient' as const }];
  const run = startAlone({ runbook: lowerTwo });
  await run.until(minutes(10));
  Object.assign(run.faults, { planned: faults });
  run.runtime.send('undo', { by: 'ben' });
  const report = await run.ended();
  expect(report).toMatchObject({
    outcome: 'resolved',
    steps: [{ undone: false }, { undone: false }],
  });
  expect(run.entries('decision').at(-1)?.says).toMatch(
    /^undo refused: the gates could not be asked/,
  );
});

test('an undo that is let in takes everything back, under a plan that says so', async () => {
  const run = startAlone({ runbook: lowerTwo });
  await run.until(minutes(10));
  run.runtime.send('undo', { by: 'ben' });
  expect(await run.ended()).toMatchObject({ outcome: 'undone', reason: 'undo-requested' });
});
