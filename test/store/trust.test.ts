/** What a class of action has earned: counted with the line that shows it, lost with the line that is bad, seen by the next admission. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sql } from 'kysely';
import { createTablePolicy } from '../../activities/policy/source.js';
import { listNotices } from '../../activities/store/read.js';
import { createStore, type Store } from '../../activities/store/store.js';
import { grantTrust, promoteTrust } from '../../activities/store/trust/change.js';
import { noteRun } from '../../activities/store/trust/note.js';
import { changesOf, explainRecord, listRecords } from '../../activities/store/trust/record.js';
import { discrepancies } from '../../activities/store/trust/recount.js';
import type { RecordKey } from '../../activities/store/trust/ceiling.js';
import type { Level } from '../../workflows/domain/level.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { noGuards } from '../../activities/guards/source.js';
import { portionsOf, type ToldRun } from '../support/told-runs.js';
import { judging, policyTable } from './contract/fixture.js';

let database: TestDatabase;
let store: Store;

beforeAll(async () => {
  database = await openTestDatabase();
  const policy = createTablePolicy(policyTable, 'digest');
  store = createStore({ db: database.db, policy, guards: noGuards, digestOf: () => 'd' });
});
afterAll(() => database.close());
beforeEach(() => emptied());

async function emptied(): Promise<void> {
  const { db } = database;
  await db.transaction().execute(async (transaction) => {
    await sql`SET LOCAL session_replication_role = replica`.execute(transaction);
    await sql`
      TRUNCATE ledger, ledger_ids, runs, notices, leases, quarantine, trust_facts, trust_ceilings, admissions`.execute(
      transaction,
    );
  });
}

const restart: RecordKey = { actionClass: 'restart', tier: 'warning', environment: 'demo' };
const granted = { ...restart, level: 4, by: 'owner', why: 'the first day' } as const;

async function tell(told: ToldRun): Promise<void> {
  for (const portion of portionsOf(told)) await store.record(portion);
}

async function ceilingOf(key: RecordKey = restart): Promise<Level | undefined> {
  const records = await listRecords(database.db, key.actionClass);
  return records.find(
    (record) => record.environment === key.environment && record.tier === key.tier,
  )?.ceiling;
}

async function until(holds: () => boolean): Promise<void> {
  for (let look = 0; look < 1_000 && !holds(); look += 1) {
    await new Promise((later) => setTimeout(later, 5));
  }
}

async function levelOf(run: string, environment = 'demo'): Promise<Level | undefined> {
  const input = judging(run, [`process:h/${run}`]);
  const judgement = await store.admit({ ...input, alert: { ...input.alert, environment } });
  return judgement.terms?.level;
}

describe('the ceiling of a class', () => {
  test('is 3 where nothing was granted or earned, whatever policy permits, and the ledger says so', async () => {
    const judgement = await store.consider(judging('r1', ['process:h/shop']));
    expect(judgement.terms?.level).toBe(3);
    const { rows } = await sql<{ says: string }>`SELECT says FROM ledger WHERE run = 'r1'`.execute(
      database.db,
    );
    expect(rows).toEqual([
      {
        says:
          'policy: step on process:h/shop: level 4 by table.restart.warning; no policy permits level 5, ' +
          'lowered to 3 by the trust record: nothing was granted or earned yet',
      },
    ]);
  });

  test('is what the owner granted once, and never more than policy permits', async () => {
    await grantTrust(database.db, granted);
    expect(await levelOf('r1')).toBe(4);
    await expect(grantTrust(database.db, granted)).rejects.toThrow(/has a record already/);
    await expect(
      grantTrust(database.db, { ...granted, environment: 'x', level: 5 }),
    ).rejects.toThrow(/only earned/);
    await expect(grantTrust(database.db, { ...granted, environment: '' })).rejects.toThrow(/name/);
    const judgement = await store.admit(judging('r2', ['process:h/k'], {}));
    expect(judgement.terms?.level).toBe(4);
  });

  test('of an alert that names no environment is the lowest of all, and no grant for one of them', async () => {
    await grantTrust(database.db, granted);
    expect(await levelOf('r1', '')).toBe(3);
    await tell({ run: 'bad', outcome: 'stuck', reason: 'undo-failed', environment: 'other' });
    expect(await levelOf('r2', '')).toBe(2);
    expect(await levelOf('r3')).toBe(4);
  });

  test('falls with what got stuck in no named environment, also where nothing was granted', async () => {
    await tell({ run: 'good', outcome: 'resolved' });
    expect(await levelOf('r1')).toBe(3);
    await tell({ run: 'bad', outcome: 'stuck', reason: 'undo-failed', environment: '' });
    expect(await levelOf('r2')).toBe(2);
  });

  test('cannot be read: nothing is permitted', async () => {
    await sql`ALTER TABLE trust_ceilings RENAME TO trust_ceilings_gone`.execute(database.db);
    try {
      const judgement = await store.admit(judging('r1', ['process:h/shop']));
      expect(judgement.gates.at(-1)).toMatchObject({
        gate: 'self',
        verdict: { kind: 'refuse', reason: 'unreadable' },
      });
      expect(JSON.stringify(judgement.gates)).toContain('the trust record could not be read');
      expect(judgement.terms).toBeNull();
    } finally {
      await sql`ALTER TABLE trust_ceilings_gone RENAME TO trust_ceilings`.execute(database.db);
    }
  });
});

describe('what lowers it, at once', () => {
  const bad: readonly (readonly [string, Omit<ToldRun, 'run'>, Level])[] = [
    ['a service that was still not well', { outcome: 'undone', reason: 'not-confirmed' }, 3],
    ['a step that failed', { outcome: 'undone', reason: 'step-failed' }, 3],
    [
      'a repair that stands and does not help',
      { outcome: 'unresolved', reason: 'not-confirmed' },
      3,
    ],
    ['a person who halted it', { outcome: 'undone', reason: 'halted' }, 3],
    ['a person who took it over', { outcome: 'unresolved', reason: 'taken-over' }, 3],
    ['a person who took it back', { outcome: 'resolved', then: 'undo' }, 3],
    ['an alert that came back', { outcome: 'resolved', then: 'refired' }, 3],
    ['a step that could not be taken back', { outcome: 'stuck', reason: 'undo-failed' }, 2],
  ];

  test.each(bad)('%s', async (_, told, level) => {
    await grantTrust(database.db, granted);
    await tell({ run: 'r1', ...told });
    expect(await ceilingOf()).toBe(level);
    expect(await levelOf('r2')).toBe(level);
    const [change] = await changesOf(database.db, restart);
    expect(change).toMatchObject({ change: 'demotion', actor: 'belay' });
    expect(change?.says).toMatch(/was lowered from 4 to \d: run r1 of restart-service showed/);
    const notices = await listNotices(database.db, { run: 'trust.restart/warning/demo' });
    expect(notices.map(({ to, text }) => [to, /was lowered/.test(text)])).toContainEqual([
      'everyone',
      true,
    ]);
    expect(await discrepancies(database.db)).toEqual([]);
  });

  test.each([
    ['a repair that held', { outcome: 'resolved' }],
    ['a run that people stopped, all of it taken back', { outcome: 'undone', reason: 'stopped' }],
    ['an alert that resolved meanwhile', { outcome: 'unresolved', reason: 'resolved-meanwhile' }],
    ['a run that did nothing', { outcome: 'withheld', reason: 'unanswered' }],
    [
      'a bad run of another class',
      { outcome: 'stuck', reason: 'undo-failed', classes: ['configure'] },
    ],
    ['a bad run elsewhere', { outcome: 'stuck', reason: 'undo-failed', environment: 'other' }],
  ] as const)('not %s', async (_, told) => {
    await grantTrust(database.db, granted);
    await tell({ run: 'r1', ...told });
    expect(await ceilingOf()).toBe(4);
  });

  test('in the same transaction as the line that shows it: neither is ever seen without the other', async () => {
    await grantTrust(database.db, granted);
    await tell({ run: 'r1', outcome: 'undone', reason: 'not-confirmed', then: 'still watched' });
    const { rows } = await sql<{ same: boolean }>`
      SELECT (SELECT xmin FROM trust_ceilings) = (SELECT xmin FROM ledger WHERE kind = 'outcome')
        AND (SELECT xmin FROM ledger WHERE kind = 'outcome')
          = (SELECT xmin FROM ledger WHERE kind = 'trust' AND detail ->> 'change' = 'demotion') AS same`.execute(
      database.db,
    );
    expect(rows).toEqual([{ same: true }]);
  });

  test('an admission that agreed to more before is refused, and none that begins after it gets more', async () => {
    await grantTrust(database.db, granted);
    const agreed = { level: 4, approvalsMin: 1 } as const;
    const levels: { readonly begunMs: number; readonly level: Level | undefined }[] = [];
    let fallenMs = Number.POSITIVE_INFINITY;
    const admitting = Array.from({ length: 6 }, async (__, lane) => {
      for (let at = 0, later = 0; later < 5; at += 1) {
        const begunMs = performance.now();
        const run = `a${lane}-${at}`;
        const { gates, terms } = await store.admit(judging(run, [`process:h/${run}`], { agreed }));
        const passed = gates.at(-1)?.verdict.kind === 'pass';
        levels.push({ begunMs, level: passed ? terms?.level : undefined });
        if (begunMs > fallenMs) later += 1;
      }
    });
    await until(() => levels.length > 12);
    await tell({ run: 'bad', outcome: 'undone', reason: 'not-confirmed' });
    fallenMs = performance.now();
    await Promise.all(admitting);
    const after = levels.filter(({ begunMs }) => begunMs > fallenMs);
    expect(levels.some(({ level }) => level === 4)).toBe(true);
    expect(after.length).toBeGreaterThanOrEqual(30);
    expect(after.filter(({ level }) => level !== undefined)).toEqual([]);
  });
});

describe('the record', () => {
  test('counts runs once each, and shows the ledger line behind every number', async () => {
    await tell({ run: 'r1', outcome: 'resolved', answers: ['approve'] });
    await tell({ run: 'r1', outcome: 'resolved', answers: ['approve'] });
    await tell({
      run: 'r2',
      outcome: 'resolved',
      answers: ['approve', 'approve'],
      then: 'refired',
    });
    await tell({ run: 'r3', outcome: 'withheld', reason: 'rejected', answers: ['reject'] });
    const [record] = await listRecords(database.db, 'restart');
    expect(record).toMatchObject({
      counts: { proposed: 3, agreed: 2, disagreed: 1, acted: 2, resolved: 2, held: 1, recurred: 1 },
      hidden: 1,
      trials: 2,
      reviewed: 3,
      services: ['shop'],
    });
    const explained = await explainRecord(database.db, restart);
    expect(explained).toHaveLength(12);
    expect(explained.every(({ says, seq }) => says !== null && seq !== null)).toBe(true);
    expect(explained.find(({ fact }) => fact === 'recurred')?.says).toBe('ana sent refired');
  });

  test('a note of what a person did by hand agrees or disagrees, once', async () => {
    await tell({ run: 'r1', outcome: 'advised', reason: 'advise-only' });
    await noteRun(database.db, { run: 'r1', by: 'ana', did: 'restarted it', verdict: 'same' });
    expect((await listRecords(database.db))[0]?.counts.agreed).toBe(1);
    const again = noteRun(database.db, {
      run: 'r1',
      by: 'ana',
      did: 'restarted it',
      verdict: 'same',
    });
    await expect(again).rejects.toThrow(/noted before/);
    const none = noteRun(database.db, { run: 'r9', by: 'ana', did: 'x', verdict: 'same' });
    await expect(none).rejects.toThrow(/no run r9/);
    expect(await discrepancies(database.db)).toEqual([]);
  });

  test('a promotion counts once, and not when the record moved on since the statement', async () => {
    const promotion = {
      ...restart,
      from: 3,
      to: 4,
      since: '',
      signers: ['ana'],
      statement: {},
    } as const;
    await promoteTrust(database.db, { ...promotion, digest: 'a' });
    expect(await ceilingOf()).toBe(4);
    await expect(promoteTrust(database.db, { ...promotion, digest: 'b' })).rejects.toThrow(
      /moved on/,
    );
    await tell({ run: 'r1', outcome: 'undone', reason: 'not-confirmed' });
    const [record] = await listRecords(database.db, 'restart');
    const replayed = promoteTrust(database.db, {
      ...promotion,
      since: record?.since ?? '',
      digest: 'a',
    });
    await expect(replayed).rejects.toThrow(/used before/);
    const failing = promoteTrust(
      database.db,
      { ...promotion, since: record?.since ?? '', digest: 'c' },
      () => Promise.reject(new Error('git said no')),
    );
    await expect(failing).rejects.toThrow('git said no');
    expect(await ceilingOf()).toBe(3);
  });

  test('that somebody altered is found by counting the ledger again', async () => {
    await tell({ run: 'r1', outcome: 'resolved' });
    await sql`UPDATE trust_facts SET fact = 'agreed' WHERE fact = 'held'`.execute(database.db);
    await sql`INSERT INTO trust_ceilings VALUES ('restart', 'warning', 'demo', 5, 'x', 'forged')`.execute(
      database.db,
    );
    const found = await discrepancies(database.db);
    expect(found.map(({ where }) => where)).toEqual([
      'only in the ledger',
      'only in the tables',
      'only in the tables',
    ]);
  });
});

describe('counted line by line and counted from the whole ledger', () => {
  const services = ['shop', 'belay-console'] as const;
  const toldRun = fc.record({
    classes: fc.constantFrom(['restart'], ['configure'], ['restart', 'configure']),
    service: fc.constantFrom(...services),
    environment: fc.constantFrom('demo', 'other', ''),
    answers: fc.subarray(['approve', 'reject', 'modify', 'trigger', 'veto', 'takeover']),
    acted: fc.constantFrom('yes', 'no'),
    end: fc.constantFrom(
      ['resolved', null],
      ['undone', 'not-confirmed'],
      ['undone', 'stopped'],
      ['undone', 'halted'],
      ['unresolved', 'taken-over'],
      ['unresolved', 'step-failed'],
      ['stuck', 'undo-failed'],
      ['withheld', 'unanswered'],
      ['advised', 'advise-only'],
    ),
    then: fc.constantFrom('held', 'refired', 'undo', 'still watched'),
  });
  const change = fc.constantFrom('grant', 'promote', 'nothing', 'nothing');

  test('it is the same, whatever happened and however the lines were mixed, and the ceilings are as the rules say', async () => {
    let rounds = 0;
    const property = fc.asyncProperty(
      fc.array(fc.record({ toldRun, change }), { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 0, max: 1_000 }),
      async (happenings, mixing) => {
        await emptied();
        rounds += 1;
        const runs = happenings.map(({ toldRun: { end, ...told } }, at): ToldRun => {
          const [outcome, reason] = end as [ToldRun['outcome'], ToldRun['reason']];
          return { ...told, run: `r${at}`, outcome, reason: reason ?? null };
        });
        await mixed(runs.slice(0, Math.floor(runs.length / 2)), mixing);
        for (const { change: wanted } of happenings) await changed(wanted);
        for (const run of runs.slice(Math.floor(runs.length / 2))) {
          const before = await ceilingOf();
          await tell(run);
          const bad = worst(run);
          const hits = bad !== undefined && run.environment !== 'other';
          const expected = hits && before !== undefined ? Math.min(before, bad) : before;
          if (before !== undefined) expect(await ceilingOf()).toBe(expected);
        }
        expect(await discrepancies(database.db)).toEqual([]);
      },
    );
    await fc.assert(property, { numRuns: 60 });
    expect(rounds).toBeGreaterThanOrEqual(60);
  }, 180_000);

  /** What the rules make of a run for restarts on warning services; written anew, not taken from the product. */
  function worst({ classes, acted, outcome, reason, then }: ToldRun): Level | undefined {
    if (acted === 'no' || classes?.includes('restart') !== true) return undefined;
    if (outcome === 'stuck') return 2;
    if (outcome === 'resolved') return then === 'refired' || then === 'undo' ? 3 : undefined;
    if (outcome !== 'undone' && outcome !== 'unresolved') return undefined;
    return reason === 'stopped' ? undefined : 3;
  }

  async function changed(wanted: string): Promise<void> {
    const [record] = (await listRecords(database.db, 'restart')).filter(
      ({ environment, tier }) => environment === 'demo' && tier === 'warning',
    );
    if (wanted === 'grant') await grantTrust(database.db, granted).catch(() => undefined);
    if (wanted !== 'promote' || (record?.ceiling ?? 3) > 4) return;
    const from = record?.ceiling ?? 3;
    await promoteTrust(database.db, {
      ...restart,
      from,
      to: (from + 1) as Level,
      since: record?.since ?? '',
      digest: String(Math.random()),
      signers: ['ana'],
      statement: {},
    });
  }

  /** Portions of all runs at once, each run's own in order, from two stores as two workers would. */
  async function mixed(runs: readonly ToldRun[], seed: number): Promise<void> {
    const other = createStore({
      db: database.db,
      policy: createTablePolicy(policyTable, 'digest'),
      guards: noGuards,
      digestOf: () => 'd',
    });
    await Promise.all(
      runs.map(async (run, at) => {
        const writer = (seed + at) % 2 === 0 ? store : other;
        for (const portion of portionsOf(run)) {
          if ((seed + at) % 3 === 0)
            await Promise.all([writer.record(portion), other.record(portion)]);
          else await writer.record(portion);
        }
      }),
    );
  }
});
