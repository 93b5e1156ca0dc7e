/** The real pass: what runs is what was approved, and whoever wants it to stop is heard between steps. */
import { describe, expect, test } from '@jest/globals';
import { startAlone } from '../../test/support/story/alone.js';
import { lowerTwo } from '../../test/support/story/runbooks.js';
import { restartProcess } from '../actions/supervisor.js';
import { changeSetting } from '../actions/setting.js';
import { alertCleared } from '../actions/monitor.js';
import { hours, seconds } from '../domain/time.js';
import { defineRunbook, type Run, type Runbook, type RunbookBody } from '../runbook.js';

const lower = { service: 'shop', key: 'retries', value: 3 };

function runbookOf(body: RunbookBody): Runbook {
  const meta = { name: 'of-this-test', summary: 'For one test', maxAgeMs: hours(1) };
  return defineRunbook({ ...meta, handles: [{ alertname: 'RetryStorm' }] }, body);
}

/** Its function takes another way when it is performed than when it was first rehearsed. */
function fickle(first: (run: Run) => Promise<unknown>, then: (run: Run) => Promise<unknown>) {
  let passes = 0;
  return runbookOf(async (run) => {
    passes += 1;
    await (passes === 1 ? first(run) : then(run));
  });
}

const asApproved = (run: Run): Promise<unknown> => run.step('lower', changeSetting, lower);
const restart = { host: 'local', process: 'shop' };

describe('a step that is not the one in the plan', () => {
  test.each<[string, (run: Run) => Promise<unknown>]>([
    ['has another name', (run) => run.step('lower-more', changeSetting, lower)],
    ['has another input', (run) => run.step('lower', changeSetting, { ...lower, value: 2 })],
    [
      'is of another service',
      (run) => run.step('lower', changeSetting, { ...lower, service: 'cart' }),
    ],
    ['is another action', (run) => run.step('lower', restartProcess, restart)],
  ])('is proposed anew before it is done when it %s', async (_, otherwise) => {
    const run = startAlone({ runbook: fickle(asApproved, otherwise) });
    const report = await run.ended();
    expect(report.outcome).toBe('resolved');
    expect(run.entries('proposal')).toHaveLength(2);
    const secondPlan = run.entries('proposal').at(-1)?.ordinal ?? Infinity;
    for (const { ordinal } of run.entries('intent')) expect(ordinal).toBeGreaterThan(secondPlan);
    expect(run.world.effects).toHaveLength(1);
  });

  test('leaves nothing to propose when the rest has vanished: the run goes on to its end', async () => {
    const two = async (run: Run): Promise<void> => {
      await asApproved(run);
      await run.step('second', changeSetting, { ...lower, service: 'cart' });
    };
    let passes = 0;
    const runbook = runbookOf(async (run) => {
      passes += 1;
      if (passes === 1) return two(run);
      await asApproved(run);
      if (passes === 2) await run.step('other', changeSetting, { ...lower, service: 'mail' });
    });
    const run = startAlone({ runbook });
    expect((await run.ended()).outcome).toBe('resolved');
    expect(run.entries('proposal').at(-1)?.says).toMatch(/: nothing more to change$/);
    expect(run.world.effects).toHaveLength(1);
    const yeses = run
      .entries('decision')
      .filter(({ says }) => says.startsWith('every gate passes;'));
    expect(yeses).toHaveLength(1);
  });
});

describe('between two steps', () => {
  test.each([
    ['halt', 'undone', 'halted'],
    ['undo', 'undone', 'halted'],
    ['takeover', 'unresolved', 'taken-over'],
  ] as const)('a %s takes hold: %s, %s', async (signal, outcome, reason) => {
    const faults = [{ site: 'act:*/lower-shop', kind: 'lost-after', attempt: 1 }] as const;
    const run = startAlone({ runbook: lowerTwo, faults });
    await run.until(seconds(1));
    run.runtime.send(signal, { by: 'ana' });
    const report = await run.ended();
    expect(report).toMatchObject({ outcome, reason });
    expect(report.why).toContain(`ana sent ${signal} while the repair was performed`);
    expect(report.steps.map(({ name }) => name)).toEqual(['lower-shop']);
  });
});

describe('a runbook that goes on after its step did not come about', () => {
  const goesOn = (then: (run: Run) => Promise<unknown>): Runbook =>
    runbookOf(async (run, alert) => {
      await asApproved(run).catch(() => undefined);
      await then(run);
      await run.confirm('the alert clears', alertCleared, { alert });
    });
  const faults = [{ site: 'act:*/lower', kind: 'fail' }] as const;

  test('does no further step', async () => {
    const second = (run: Run) => run.step('second', changeSetting, { ...lower, service: 'cart' });
    const run = startAlone({ runbook: goesOn(second), faults });
    expect(await run.ended()).toMatchObject({ outcome: 'withheld', reason: 'step-failed' });
    expect(run.world.effects).toEqual([]);
  });

  test('confirms nothing', async () => {
    const run = startAlone({ runbook: goesOn(() => Promise.resolve()), faults });
    expect(await run.ended()).toMatchObject({ outcome: 'withheld', reason: 'step-failed' });
    expect(run.runtime.shown.map(({ state }) => state)).not.toContain('confirming');
  });
});

test('at level 5 people are told before the first effect of all that will be done, and how to halt it', async () => {
  const run = startAlone({ runbook: lowerTwo });
  const { run: id } = await run.ended();
  const [warning] = run.store.notices;
  expect(warning?.urgency).toBe('tell');
  expect(warning?.text).toMatch(new RegExp(`shop.*; then .*cart.*\\. belay halt ${id}$`));
});

test('at level 3 nobody is told of what they agreed to', async () => {
  const run = startAlone({ runbook: lowerTwo, policy: { configure: 3 } });
  await run.until(seconds(10));
  const asked = run.store.notices.length;
  const plan = run.entries('proposal').at(-1)?.detail as { planHash: string };
  run.runtime.send('approve', { by: 'ana', plan: plan.planHash });
  await run.until(seconds(12));
  expect(run.world.effects).toHaveLength(2);
  expect(run.store.notices.slice(asked).filter(({ title }) => /repairing/.test(title))).toEqual([]);
});
