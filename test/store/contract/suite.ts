/** What every store must do, whatever keeps it: run on PostgreSQL and on the one in memory that the simulator uses. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Entry, Notice } from '../../../workflows/domain/entry.js';
import type { Outcome } from '../../../workflows/domain/outcome.js';
import type { Lease, Quarantine, StopOrder } from '../../../workflows/gates/gate.js';
import type { Judgement, JudgeInput, RecordInput } from '../../../workflows/store.js';
import { describeEndings } from './endings.js';
import { entry, judging, lastOf, refOf } from './fixture.js';

/** The calls of the contract, and a way to look at what they left. */
export interface StoreUnderTest {
  record(input: RecordInput): Promise<Outcome | null>;
  consider(input: JudgeInput): Promise<Judgement>;
  admit(input: JudgeInput): Promise<Judgement>;
  ledger(
    run: string,
  ): Promise<readonly (Entry & { readonly id: string; readonly tier: string | null })[]>;
  notices(run: string): Promise<readonly Notice[]>;
  leases(): Promise<readonly Lease[]>;
  quarantine(): Promise<readonly Quarantine[]>;
  stop(order: StopOrder): Promise<void>;
  resume(scope: string): Promise<unknown>;
  releaseTarget(target: string): Promise<void>;
  /** A first attempt claims the operation. */
  begins(operationId: string): Promise<void>;
  unreadable(fact: 'stops' | 'quarantined' | 'leases' | 'policy'): Promise<void>;
}

const page: Notice = { to: 'on-call', urgency: 'page', title: 'shop is down', text: 'look' };

export function describeStore(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(name, () => {
    let store: StoreUnderTest;
    beforeEach(async () => {
      store = await open();
    });
    describe('the ledger', () => describeRecord(() => store));
    describe('the judgement', () => describeJudgement(() => store));
    describe('admission', () => describeAdmission(() => store));
    describe('the end of a run', () => describeEndings(() => store));
  });
}

function describeRecord(store: () => StoreUnderTest): void {
  const recordTwice = async (input: RecordInput) => {
    await store().record(input);
    await store().record({
      ...input,
      entries: input.entries.map((line) => ({ ...line, atMs: line.atMs + 5 })),
    });
  };

  test('keeps an entry once however often it is written, whatever the clock said', async () => {
    await recordTwice({ ...refOf('r1'), entries: [entry('a'), entry('b')], notices: [page] });
    expect((await store().ledger('r1')).map(({ says }) => says)).toEqual(['a', 'b']);
    expect(await store().notices('r1')).toMatchObject([page]);
  });

  test('keeps entries that differ in anything but time, and the same entry of another run', async () => {
    const entries = [
      entry('a'),
      entry('a', { detail: { ordinal: 1 } }),
      entry('a', { actor: 'ana' }),
    ];
    await store().record({ ...refOf('r1'), entries, notices: [] });
    await store().record({ ...refOf('r2'), entries: [entry('a')], notices: [] });
    expect(await store().ledger('r1')).toHaveLength(3);
    expect(await store().ledger('r2')).toHaveLength(1);
  });

  test('tells the same people the same again when it is about another entry', async () => {
    await store().record({ ...refOf('r1'), entries: [entry('first')], notices: [page] });
    await store().record({ ...refOf('r1'), entries: [entry('second')], notices: [page] });
    expect(await store().notices('r1')).toHaveLength(2);
  });

  test('keeps every field of an entry, and adds the tier of the service', async () => {
    const full = entry('all of it', {
      kind: 'effect',
      actor: 'belay',
      step: 'restart',
      actionClass: 'restart',
      level: 4,
      reason: 'step-failed',
      outcome: 'undone',
      expected: { is: 'up' },
      actual: ['x'],
      before: { is: 'down' },
      after: 7,
      durationMs: 12,
      detail: { text: 'quote " back \\ slash', deep: [1, { a: null }] },
    });
    await store().record({ ...refOf('r1'), entries: [full], notices: [] });
    expect((await store().ledger('r1'))[0]).toMatchObject({ ...full, tier: 'warning' });
    await store().record({ ...refOf('r2', 'kiosk'), entries: [full], notices: [] });
    expect((await store().ledger('r2'))[0]?.tier).toBeNull();
  });

  test('keeps the order of concurrent writes of one run', async () => {
    const says = Array.from({ length: 30 }, (_, at) => `line ${at}`);
    await Promise.all(
      says.map((line) => store().record({ ...refOf('r1'), entries: [entry(line)], notices: [] })),
    );
    expect((await store().ledger('r1')).map((line) => line.says)).toEqual(says);
  });
}

function describeJudgement(store: () => StoreUnderTest): void {
  test('passes every gate in order and names the terms', async () => {
    const judgement = await store().consider(
      judging('r1', ['process:h/shop'], { entries: [entry('a')] }),
    );
    expect(judgement.gates.map(({ gate }) => gate)).toEqual([
      'stopped',
      'self',
      'stale',
      'resolved',
      'quarantined',
      'frozen',
      'recurring',
      'storm',
      'dependency',
      'lease',
      'blast-radius',
      'budget',
      'error-budget',
      'rate',
      'breaker',
      'approved',
      'policy',
    ]);
    expect(judgement.terms).toEqual({
      level: 4,
      approvalsMin: 2,
      chain: [{ notify: 'on-call', waitMs: 300_000 }],
      vetoWindowMs: 0,
      overseers: ['console'],
      tier: 'warning',
    });
    expect(await store().ledger('r1')).toHaveLength(1);
    expect(await store().leases()).toEqual([]);
  });

  test.each([
    'everything',
    'service:shop',
    'class:restart',
    'environment:demo',
    'runbook:restart-service',
  ])('a stop of %s holds until it is resumed', async (scope) => {
    await store().stop({ scope, by: 'ana', why: 'deploy' });
    const stopped = lastOf(await store().consider(judging('r1', ['process:h/shop'])));
    expect(stopped).toMatchObject({
      gate: 'stopped',
      verdict: { kind: 'refuse', reason: 'stopped' },
    });
    await store().resume(scope);
    expect(lastOf(await store().consider(judging('r1', ['process:h/shop'])))?.verdict.kind).toBe(
      'pass',
    );
  });

  test('a stop of another scope does not concern it', async () => {
    for (const scope of [
      'service:till',
      'class:configure',
      'environment:prod',
      'runbook:tune-retries',
    ]) {
      await store().stop({ scope, by: 'ana', why: 'deploy' });
    }
    expect(lastOf(await store().consider(judging('r1', ['process:h/shop'])))?.verdict.kind).toBe(
      'pass',
    );
  });

  test('refuses Belay’s own part, a stale alert and a resolved one', async () => {
    const own = await store().consider(judging('r1', ['process:h/belay-worker']));
    expect(lastOf(own)?.verdict).toMatchObject({ kind: 'refuse', reason: 'own-part' });
    const old = await store().consider(judging('r1', ['process:h/shop'], { maxAgeMs: 1 }));
    expect(lastOf(old)?.verdict).toMatchObject({ kind: 'refuse', reason: 'stale' });
    const over = await store().consider(judging('r1', ['process:h/shop'], { resolved: true }));
    expect(lastOf(over)?.verdict).toMatchObject({ kind: 'refuse', reason: 'resolved-meanwhile' });
    expect(over.terms).toBeNull();
  });

  test('refuses a service that policy does not name, and gives no terms', async () => {
    const judgement = await store().consider(
      judging('r1', ['process:h/kiosk'], refOf('r1', 'kiosk')),
    );
    expect(lastOf(judgement)?.verdict).toMatchObject({ kind: 'refuse', reason: 'policy-forbids' });
    expect(judgement.terms).toBeNull();
  });

  test.each([
    ['stops', 'stopped'],
    ['quarantined', 'quarantined'],
    ['leases', 'lease'],
    ['policy', 'self'],
  ] as const)(
    'a gate that cannot read the %s refuses, before people are asked and at admission',
    async (fact, gate) => {
      await store().unreadable(fact);
      for (const call of ['consider', 'admit'] as const) {
        const judgement = await store()[call](
          judging('r1', ['process:h/shop'], { entries: [entry(call)] }),
        );
        expect(lastOf(judgement)).toMatchObject({
          gate,
          verdict: { kind: 'refuse', reason: 'unreadable' },
        });
        expect(judgement.terms).toBeNull();
      }
      const says = (await store().ledger('r1')).map((line) => line.kind);
      expect(says).toEqual(['signal', 'signal', 'decision']);
    },
  );
}

function describeAdmission(store: () => StoreUnderTest): void {
  test('takes every lease, writes the decision after the pages, and may be asked again', async () => {
    const input = judging('r1', ['process:h/b', 'process:h/a'], {
      entries: [entry('a')],
      notices: [page],
    });
    for (let again = 0; again < 2; again += 1) {
      const judgement = await store().admit(input);
      expect(lastOf(judgement)?.verdict.kind).toBe('pass');
      expect(judgement.terms?.level).toBe(4);
    }
    expect((await store().leases()).map(({ target, holder }) => [target, holder])).toEqual([
      ['process:h/a', 'r1'],
      ['process:h/b', 'r1'],
    ]);
    const lines = await store().ledger('r1');
    expect(lines.map(({ kind }) => kind)).toEqual(['signal', 'decision']);
    expect(lines[1]).toMatchObject({ level: 4, detail: { planHash: 'ab'.repeat(32), round: 1 } });
    expect(await store().notices('r1')).toHaveLength(1);
  });

  test('writes what was to be written once it is in with the leases, and not with a refusal', async () => {
    const onceIn = { entries: [entry('about to'), entry('and then')], notices: [page] };
    await store().admit(judging('r1', ['process:h/a'], { onceIn, resolved: true }));
    expect((await store().ledger('r1')).map(({ kind }) => kind)).toEqual(['decision']);
    expect(await store().notices('r1')).toEqual([]);
    await store().admit(judging('r1', ['process:h/a'], { onceIn }));
    const says = (await store().ledger('r1')).map((line) => line.says);
    expect(says.slice(-2)).toEqual(['about to', 'and then']);
    expect(await store().notices('r1')).toMatchObject([page]);
  });

  test('refuses when policy asks for more than was agreed to', async () => {
    const agreed = { level: 5, approvalsMin: 1 } as const;
    const judgement = await store().admit(judging('r1', ['process:h/a'], { agreed }));
    expect(lastOf(judgement)).toMatchObject({ gate: 'policy', verdict: { kind: 'refuse' } });
    expect(await store().leases()).toEqual([]);
  });

  test('takes no lease at all when one target is busy, and says who holds it', async () => {
    await store().admit(judging('r1', ['process:h/b']));
    const judgement = await store().admit(
      judging('r2', ['process:h/a', 'process:h/b', 'process:h/c']),
    );
    expect(lastOf(judgement)?.verdict).toMatchObject({
      kind: 'hold',
      reason: 'target-busy',
      why: 'run r1 holds process:h/b',
    });
    expect(await store().leases()).toMatchObject([{ target: 'process:h/b', holder: 'r1' }]);
    expect((await store().ledger('r2'))[0]).toMatchObject({
      kind: 'decision',
      reason: 'target-busy',
    });
  });

  test('keeps the leases a run already has when a later admission of it is refused', async () => {
    await store().admit(judging('r1', ['process:h/a']));
    await store().admit(judging('r1', ['process:h/a', 'process:h/b'], { resolved: true }));
    expect(await store().leases()).toMatchObject([{ target: 'process:h/a', holder: 'r1' }]);
  });

  test('passes once the other run gave its leases back', async () => {
    await store().admit(judging('r1', ['process:h/a']));
    await store().record({ ...refOf('r1'), entries: [entry('done')], notices: [], release: true });
    expect(lastOf(await store().admit(judging('r2', ['process:h/a'])))?.verdict.kind).toBe('pass');
  });

  test('refuses a quarantined target until a person releases it', async () => {
    const quarantine = { targets: ['process:h/a'], why: 'undo failed' };
    await store().record({ ...refOf('r1'), entries: [], notices: [], release: true, quarantine });
    const refused = lastOf(await store().admit(judging('r2', ['process:h/a', 'process:h/b'])));
    expect(refused?.verdict).toMatchObject({ kind: 'refuse', reason: 'quarantined' });
    expect(await store().leases()).toEqual([]);
    expect(await store().quarantine()).toMatchObject([{ target: 'process:h/a', run: 'r1' }]);
    await store().releaseTarget('process:h/a');
    expect(lastOf(await store().admit(judging('r2', ['process:h/a'])))?.verdict.kind).toBe('pass');
  });
}
