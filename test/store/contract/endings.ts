/** What every store must do when a run ends, above all one that was told twice: part of the suite. */
import { expect, test } from '@jest/globals';
import type { Entry } from '../../../workflows/domain/entry.js';
import { entry, judging, refOf } from './fixture.js';
import type { StoreUnderTest } from './suite.js';

function outcome(kind: 'withheld' | 'resolved' | 'undone'): Entry {
  const reason = kind === 'resolved' ? {} : { reason: 'halted' as const };
  return entry(`${kind}: that is how it went`, { kind: 'outcome', outcome: kind, ...reason });
}

function intentOf(operation: string): Entry {
  return entry(`about to do ${operation}`, { kind: 'intent', detail: { operation } });
}

function effectOf(operation: string): Entry {
  return entry(`done: ${operation}`, { kind: 'effect', detail: { operation } });
}

export function describeEndings(store: () => StoreUnderTest): void {
  const write = (...entries: Entry[]) => store().record({ ...refOf('r1'), entries, notices: [] });
  const conclude = (...entries: Entry[]) =>
    store().record({ ...refOf('r1'), entries, notices: [], release: true });
  const said = async (kind: Entry['kind']) =>
    (await store().ledger('r1')).filter((line) => line.kind === kind);

  test('a closed run holds nothing and is admitted to nothing', async () => {
    await store().admit(judging('r1', ['process:h/a']));
    await write(entry('closed: held', { kind: 'closed' }));
    expect(await store().leases()).toEqual([]);
    await expect(store().admit(judging('r1', ['process:h/a']))).rejects.toThrow(/closed/);
    expect(await store().leases()).toEqual([]);
  });

  test('a run with its outcome is admitted to nothing; a resolved one may be taken back', async () => {
    await conclude(outcome('resolved'));
    await store().admit(judging('r1', ['process:h/a']));
    await conclude(outcome('undone'));
    await expect(store().admit(judging('r1', ['process:h/a']))).rejects.toThrow(/outcome/);
    await expect(store().consider(judging('r1', ['process:h/a']))).rejects.toThrow(/outcome/);
  });

  test('the first outcome stands, but for a resolved run that is taken back, and so does the first close', async () => {
    expect(await conclude(outcome('resolved'))).toBeNull();
    expect(await conclude(outcome('withheld'))).toMatchObject({ kind: 'resolved' });
    expect(await conclude(outcome('undone'))).toBeNull();
    const why = 'that is how it went';
    expect(await conclude(outcome('withheld'))).toEqual({ kind: 'undone', reason: 'halted', why });
    await write(entry('closed: undone', { kind: 'closed' }));
    await write(entry('closed: withheld', { kind: 'closed' }), entry('plan', { kind: 'proposal' }));
    await write(entry('too late'));
    expect(await said('proposal')).toEqual([]);
    expect(await said('signal')).toHaveLength(1);
    expect((await said('outcome')).map((line) => line.outcome)).toEqual(['resolved', 'undone']);
    expect((await said('closed')).map(({ says }) => says)).toEqual(['closed: undone']);
  });

  test('an outcome that does not stand is told to nobody and quarantines nothing', async () => {
    await conclude(outcome('undone'));
    const notice = { to: 'on-call', urgency: 'page', title: 'stuck', text: 'look' } as const;
    const quarantine = { targets: ['process:h/a'], why: 'its undo failed' };
    const stuck = entry('stuck: no', { kind: 'outcome', outcome: 'stuck' });
    const also = { notices: [notice], release: true, quarantine };
    expect(await store().record({ ...refOf('r1'), entries: [stuck], ...also })).not.toBeNull();
    expect(await store().notices('r1')).toEqual([]);
    expect(await store().quarantine()).toEqual([]);
  });

  test('an intent that no attempt ever claimed is accounted for when the run is closed, once', async () => {
    await write(intentOf('r1/met'), effectOf('r1/met'), intentOf('r1/lost'), intentOf('r1/begun'));
    await write(intentOf('r1/lost/undo'), intentOf('r1/now'));
    await store().begins('r1/begun');
    expect(await said('effect')).toHaveLength(1);
    await conclude(outcome('withheld'));
    expect(await said('effect')).toHaveLength(1);
    await write(effectOf('r1/now'), entry('closed: withheld', { kind: 'closed' }));
    await write(entry('closed: withheld', { kind: 'closed' }));
    const told = (await store().ledger('r1')).filter(({ says }) => says.startsWith('never begun'));
    expect(told.map(({ kind, detail }) => ({ kind, detail }))).toEqual([
      { kind: 'effect', detail: { operation: 'r1/lost', applied: 'no' } },
      { kind: 'undo', detail: { operation: 'r1/lost/undo', applied: 'no' } },
    ]);
    const kinds = (await store().ledger('r1')).map(({ kind }) => kind);
    expect(kinds.slice(-5)).toEqual(['outcome', 'effect', 'undo', 'effect', 'closed']);
  });
}
