/** The gates before people: what the ledger says of a yes. */
import { expect, test } from '@jest/globals';
import { startAlone } from '../../test/support/story/alone.js';
import { lowerTwo } from '../../test/support/story/runbooks.js';

test('that every gate passes is a decision of policy, with the level and the tier it is for', async () => {
  const run = startAlone({ runbook: lowerTwo });
  await run.ended();
  expect(run.entries('decision')[0]).toMatchObject({
    says: 'every gate passes; level 5, autonomous',
    level: 5,
    detail: { gate: 'policy', verdict: 'pass', tier: 'warning' },
  });
});
