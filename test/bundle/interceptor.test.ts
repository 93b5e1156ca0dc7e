/** The guard of a built bundle, at work on a real server: no effect outside a step, and the world untouched. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { WorkflowFailedError } from '@temporalio/client';
import { testServerAbsence } from '../../scripts/servers/test-server.js';
import { pathOf } from '../support/story/bundles.js';
import { openTheatre, type Theatre } from '../support/story/on-temporal.js';

const entry = pathOf('test/bundle/rogue-workflows.ts');
const absence = testServerAbsence();

if (absence === undefined) {
  describe('a workflow that schedules an effect by itself', () => {
    let theatre: Theatre;
    beforeAll(async () => {
      theatre = await openTheatre([entry]);
    }, 120_000);
    afterAll(() => theatre.stop(), 30_000);

    test.each(['appliesPastTheStep', 'undoesPastTheStep', 'appliesLocally'])(
      'is refused: %s',
      async (workflowType) => {
        const { failure, effects } = await resultOf(workflowType);
        expect(failure).toMatchObject({ type: 'effect-outside-step', nonRetryable: true });
        expect(effects).toEqual([]);
      },
    );

    test('may read', async () => {
      expect(await resultOf('onlyReads')).toMatchObject({ result: { value: 5 } });
    });

    async function resultOf(workflowType: string) {
      const options = { workflowId: `rogue-${workflowType}`, taskQueue: entry };
      const { client, backdrop } = theatre;
      try {
        const result: unknown = await client.workflow.execute(workflowType, options);
        return { result, effects: backdrop.world.effects };
      } catch (thrown) {
        if (!(thrown instanceof WorkflowFailedError)) throw thrown;
        return { failure: thrown.cause, effects: backdrop.world.effects };
      }
    }
  });
} else {
  test(`skipped: the interceptor on a real server: ${absence}`, () => {
    process.stdout.write(`skipped: the interceptor on a real server: ${absence}\n`);
  });
}
