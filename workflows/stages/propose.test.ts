/** What a proposal says, and when there is none. */
import { expect, test } from '@jest/globals';
import { startAlone } from '../../test/support/story/alone.js';
import { lowerTwo } from '../../test/support/story/runbooks.js';
import { changeSetting } from '../actions/setting.js';
import { limits } from '../domain/limits.js';
import { hours } from '../domain/time.js';
import { defineRunbook, type Run, type Runbook } from '../runbook.js';

function runbookOf(body: (run: Run) => Promise<void>): Runbook {
  const meta = { name: 'of-this-test', summary: 'For one test', maxAgeMs: hours(1) };
  return defineRunbook({ ...meta, handles: [{ alertname: 'RetryStorm' }] }, body);
}

/** So many steps, each with another key. */
function stepsOf(count: number): Runbook {
  return runbookOf(async (run) => {
    for (let step = 1; step <= count; step += 1) {
      await run.step(`step-${step}`, changeSetting, { service: 'shop', key: 'retries', value: 3 });
    }
  });
}

test('a runbook may propose as many steps as the limit says', async () => {
  const run = startAlone({ runbook: stepsOf(limits.stepsMax), policy: { configure: 1 } });
  expect(await run.ended()).toMatchObject({ reason: 'advise-only' });
});

test('a runbook that proposes one step more has erred: runbook-error', async () => {
  const run = startAlone({ runbook: stepsOf(limits.stepsMax + 1), policy: { configure: 1 } });
  expect(await run.ended()).toMatchObject({
    reason: 'runbook-error',
    why: `the runbook proposes more than ${limits.stepsMax} steps`,
  });
});

test('the line of a proposal foretells each step', async () => {
  const run = startAlone({ runbook: lowerTwo });
  await run.ended();
  const [proposal] = run.entries('proposal');
  const effects = run.entries('effect');
  expect(proposal?.expected).toEqual(effects.map(({ step, expected }) => ({ step, expected })));
});

test('reasons are kept in the order they were given, each cut to its limit', async () => {
  const long = 'x'.repeat(limits.textMax + 1);
  const runbook = runbookOf(async (run) => {
    run.because('first');
    run.because(long);
    await run.step('lower', changeSetting, { service: 'shop', key: 'retries', value: 3 });
  });
  const run = startAlone({ runbook });
  await run.ended();
  const detail = run.entries('proposal')[0]?.detail as { because: string[] };
  expect(detail.because).toEqual(['first', long.slice(0, limits.textMax)]);
});

test('a runbook that proposes nothing and says nothing ends with nothing-to-do', async () => {
  const run = startAlone({ runbook: runbookOf(() => Promise.resolve()) });
  expect(await run.ended()).toMatchObject({
    reason: 'nothing-to-do',
    why: 'the runbook proposed no step',
  });
});
