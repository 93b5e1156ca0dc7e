/**
 * Every runbook under every fault at every step, in the simulator: afterwards the world is as before, or the plan was
 * applied once, or the run is stuck, paged and its target quarantined. By listing only: a new runbook is found here.
 */
import { describe, expect, test } from '@jest/globals';
import { runbooks } from '../../runbooks/index.js';
import type { Runbook } from '../../workflows/runbook.js';
import { faultKinds, type Fault, type FaultKind } from '../support/simulator/faults.js';
import { harness, harnessRunbooks, type Harness } from './harness.js';
import { play, type Played } from './played.js';

const all = [...runbooks, ...harnessRunbooks];
/** These end in the same place as no fault at all. */
const survived: readonly FaultKind[] = ['transient', 'repeat', 'lost-before', 'lost-after'];

function harnessOf({ meta }: Runbook): Harness {
  const found = harness[meta.name];
  if (found === undefined) throw new Error(`test/unwind/harness.ts has no entry "${meta.name}"`);
  return found;
}

/** What holds whatever happened. */
function expectLawful(played: Played): void {
  expect(played.brokenLaws).toEqual([]);
  expect(played.missed).toEqual([]);
  expect(played.leased).toEqual([]);
  if (played.report.outcome === 'stuck') {
    expect(played.paged).toBe(true);
    expect(played.quarantined.length).toBeGreaterThan(0);
  } else {
    expect(played.quarantined).toEqual([]);
    expect(played.world).not.toBe('between');
  }
}

/** Operations that took effect and whose steps do not say that they cannot be taken back. */
function reversibleOf({ applied, irreversible }: Played): string[] {
  return applied.filter((id) => !irreversible.some((step) => id.endsWith(`/${step}`)));
}

describe.each(all.map((runbook) => [runbook.meta.name, runbook] as const))('%s', (_, runbook) => {
  const setup = harnessOf(runbook);
  const clean = () => play({ runbook, harness: setup, given: setup.helps });
  const helping = async (faults: readonly Fault[]) => {
    const { after: done } = await clean();
    return play({ runbook, harness: setup, given: setup.helps, faults, done });
  };
  const notHelping = async (faults: readonly Fault[]) => {
    const { after: done } = await clean();
    return play({ runbook, harness: setup, given: setup.helpsNot, faults, done });
  };

  test('does its steps once and is resolved when nothing goes wrong', async () => {
    const played = await clean();
    expect(played.report.outcome).toBe('resolved');
    expect(played.sites.length).toBeGreaterThan(0);
    expectLawful({ ...played, world: 'done' });
  });

  test('takes everything back that can be when its confirmation never comes', async () => {
    const played = await notHelping([]);
    expectLawful({ ...played, world: 'as before' });
    expect(['undone', 'unresolved']).toContain(played.report.outcome);
    expect(played.report.reason).toBe('not-confirmed');
    expect(played.paged).toBe(true);
    expect(played.undone).toEqual(reversibleOf(played).toReversed());
  });

  test.each(survived)(
    'is resolved, each step done once, with the fault %s at any step',
    async (kind) => {
      for (const site of (await clean()).sites) {
        const played = await helping([{ site, kind, attempt: 1 }]);
        expectLawful(played);
        expect(played.report.outcome).toBe('resolved');
        expect(played.world).toBe('done');
      }
    },
  );

  test('leaves the world as before when any step fails', async () => {
    for (const site of (await clean()).sites) {
      const played = await helping([{ site, kind: 'fail' }]);
      expectLawful(played);
      expect(['undone', 'withheld', 'unresolved']).toContain(played.report.outcome);
      expect(played.report.reason).toBe('step-failed');
    }
  });

  test('looks at the world when the answer of any step is lost, and goes on', async () => {
    for (const site of (await clean()).sites) {
      const played = await helping([{ site, kind: 'fail-after' }]);
      expectLawful(played);
      expect(played.report.outcome).toBe('resolved');
      expect(played.world).toBe('done');
    }
  });

  test('takes back a step of which nobody can say whether it was done', async () => {
    const { sites, asked } = await clean();
    const verifying = asked.filter((site) => site.endsWith('.verify'));
    for (const [site, verify] of pairs(sites, verifying)) {
      const played = await helping([
        { site, kind: 'fail-after' },
        { site: verify, kind: 'fail' },
      ]);
      expectLawful({ ...played, missed: [] });
      expect(played.report.reason).toBe('step-failed');
      expect(played.undone).toEqual(reversibleOf(played).toReversed());
    }
  });

  test('is stuck when any undo is lost for good: silence is not taken for done', async () => {
    for (const site of await undoSites()) {
      const played = await notHelping([{ site, kind: 'lost-before' }]);
      expectLawful(played);
      expect(played.report).toMatchObject({ outcome: 'stuck', reason: 'undo-failed' });
    }
  });

  test('finds nothing to take back when a step is lost for good before it began', async () => {
    for (const site of (await clean()).sites) {
      const played = await helping([{ site, kind: 'lost-before' }]);
      expectLawful(played);
      expect(played.report.reason).toBe('step-failed');
      expect(played.world).toBe('as before');
    }
  });

  test.each(survived)('takes each step back once with the fault %s at any undo', async (kind) => {
    for (const site of await undoSites()) {
      const played = await notHelping([{ site, kind, attempt: 1 }]);
      expectLawful(played);
      expect(played.world).toBe('as before');
    }
  });

  test('is stuck, paged and quarantined when any undo fails for good, and undoes the rest', async () => {
    const sites = await undoSites();
    for (const site of sites) {
      const played = await notHelping([{ site, kind: 'fail' }]);
      expectLawful(played);
      expect(played.report).toMatchObject({ outcome: 'stuck', reason: 'undo-failed' });
      const undone = played.report.steps.filter((step) => step.undone);
      expect(undone.length).toBe(sites.length - 1);
    }
  });

  test('ends lawfully when any short call fails for good, or only its first attempt is lost', async () => {
    const { asked } = await notHelping([]);
    for (const site of asked) {
      expectLawful(await notHelping([{ site, kind: 'lost-before', attempt: 1 }]));
      // the ledger is waited for, however long it is away: it never fails for good
      if (site !== 'ask:store.record') expectLawful(await notHelping([{ site, kind: 'fail' }]));
    }
  });

  test('ends lawfully with any two faults at any two effects', async () => {
    const { sites } = await notHelping([]);
    for (const [one, other] of pairs(sites, sites)) {
      for (const [first, second] of pairs(faultKinds, faultKinds)) {
        if (one >= other) continue;
        const faults = [
          { site: one, kind: first },
          { site: other, kind: second },
        ].map((fault) => (survived.includes(fault.kind) ? { ...fault, attempt: 1 } : fault));
        const played = await notHelping(faults);
        expectLawful({ ...played, missed: [] });
      }
    }
  });

  test('ends lawfully with a fault at a step and another at any undo', async () => {
    const steps = (await clean()).sites;
    for (const [site, undo] of pairs(steps, await undoSites())) {
      const played = await notHelping([
        { site, kind: 'lost-after', attempt: 1 },
        { site: undo, kind: 'lost-after', attempt: 1 },
      ]);
      expectLawful(played);
      expect(played.world).toBe('as before');
    }
  });

  async function undoSites(): Promise<string[]> {
    const { sites } = await notHelping([]);
    return sites.filter((site) => site.endsWith('/undo'));
  }
});

describe('the harness', () => {
  test('notices a fault that is never met', async () => {
    const [runbook] = harnessRunbooks;
    if (runbook === undefined) throw new Error('the harness has no runbook of its own');
    const setup = harnessOf(runbook);
    const faults = [{ site: 'act:nowhere', kind: 'fail' }] as const;
    const played = await play({ runbook, harness: setup, given: setup.helps, faults });
    expect(played.missed).toEqual(faults);
  });

  test('names the file to add to for a runbook it does not know', () => {
    const stranger = { meta: { ...all[0]?.meta, name: 'stranger' } } as Runbook;
    expect(() => harnessOf(stranger)).toThrow('test/unwind/harness.ts has no entry "stranger"');
  });
});

function pairs<Left, Right>(left: readonly Left[], right: readonly Right[]): [Left, Right][] {
  return left.flatMap((one) => right.map((other): [Left, Right] => [one, other]));
}
