/** The end of a run, as the ledger and the people have it. */
import { describe, expect, test } from '@jest/globals';
import { startAlone } from '../../test/support/story/alone.js';
import { keepHalf, lowerTwo } from '../../test/support/story/runbooks.js';
import { tuneRetries } from '../../runbooks/tune-retries/index.js';
import { minutes } from '../domain/time.js';
import { reasons } from '../domain/reason.js';

describe('the line of an outcome', () => {
  test('says what was expected, what came, at which level and how long after it opened', async () => {
    const run = startAlone({
      runbook: lowerTwo,
      faults: [{ site: 'act:*/lower-cart', kind: 'lost-after', attempt: 1 }],
    });
    await run.ended();
    const [opened] = run.entries('opened');
    const [outcome] = run.entries('outcome');
    expect(outcome).toMatchObject({ expected: 'resolved', actual: 'resolved', level: 5 });
    expect(outcome).not.toHaveProperty('reason');
    expect(outcome?.durationMs).toBeGreaterThan(0);
    expect(outcome?.durationMs).toBe((outcome?.atMs ?? 0) - (opened?.atMs ?? 0));
  });

  test('has the reason of a run that resolved nothing, and no level before policy gave one', async () => {
    const run = startAlone({
      runbook: tuneRetries,
      given: () => undefined,
      faults: [{ site: 'ask:setting.read', kind: 'fail' }],
    });
    await run.ended();
    const [outcome] = run.entries('outcome');
    expect(outcome).toMatchObject({ reason: 'unobservable', actual: 'withheld' });
    expect(outcome).not.toHaveProperty('level');
  });
});

describe('when the outcome is out', () => {
  test('the targets are free while the repair is watched, and people see that it is', async () => {
    const run = startAlone({ runbook: lowerTwo });
    await run.until(minutes(10));
    expect(run.entries('outcome')).toHaveLength(1);
    expect([...run.store.leases]).toEqual([]);
    expect(run.runtime.shown.at(-1)).toMatchObject({
      state: 'watching',
      outcome: { kind: 'resolved', reason: null, why: 'the service is well' },
    });
    await run.ended();
    expect(run.runtime.shown.map(({ state }) => state)).toEqual([
      'performing',
      'confirming',
      'watching',
      'closed',
    ]);
  });

  test('its notice gives the reason in words and names the run', async () => {
    const run = startAlone({
      runbook: keepHalf,
      given: (world) => world.storms('shop', { endsAtRetries: -1 }),
    });
    const report = await run.ended();
    const notice = run.store.notices.at(-1);
    expect(notice?.text).toBe(
      `${report.why}. ${reasons['not-confirmed']} belay show ${report.run}`,
    );
    expect(notice?.urgency).toBe('page');
  });

  test('a notice of what went well has no reason in it and pages nobody', async () => {
    const run = startAlone({ runbook: lowerTwo });
    const report = await run.ended();
    const notice = run.store.notices.at(-1);
    expect(notice?.text).toBe(`the service is well. belay show ${report.run}`);
    expect(notice?.urgency).toBe('tell');
  });

  test.each([
    ['page', 'nobody answers', 'unanswered', { configure: 3 }],
    ['tell', 'policy permits no action', 'advise-only', { configure: 1 }],
  ] as const)('people get a %s when %s', async (urgency, _says, reason, policy) => {
    const run = startAlone({ runbook: lowerTwo, policy });
    const report = await run.ended();
    expect(report.reason).toBe(reason);
    expect(run.store.notices.at(-1)?.urgency).toBe(urgency);
  });
});
