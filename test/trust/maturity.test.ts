/** What binds each class, how often people agree, and which layer is the ceiling: measured on a real store, the rest asked for. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sql } from 'kysely';
import { noGuards } from '../../activities/guards/source.js';
import { createTablePolicy } from '../../activities/policy/source.js';
import { parsePolicy } from '../../activities/policy/parse.js';
import { createInbox } from '../../activities/store/inbox.js';
import { createStore, type Store } from '../../activities/store/store.js';
import { recordDrill } from '../../activities/store/trust/drills.js';
import { wilsonLowerBound } from '../../activities/store/trust/wilson.js';
import { belay, documentOf, type Said } from '../cli/recorded-terminal.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { alertOf } from '../support/simulator/simulator.js';
import { portionsOf, type ToldRun } from '../support/told-runs.js';

const policyText = `version: 1
self: []
levels: { restart: { warning: 4, critical: 2 }, configure: { warning: 3 } }
chains: { default: [{ notify: on-call, wait: 5m }] }
services:
  shop: { tier: warning, environment: demo }
  bank: { tier: critical, environment: demo }
`;
let database: TestDatabase;
let store: Store;
let folder = '';

beforeAll(async () => {
  database = await openTestDatabase();
  const policy = createTablePolicy(parsePolicy(policyText, 'services.yaml'), 'digest');
  store = createStore({ db: database.db, policy, guards: noGuards, digestOf: () => 'd' });
  folder = mkdtempSync(join(tmpdir(), 'belay-maturity-'));
  writeFileSync(join(folder, 'services.yaml'), policyText);
  writeFileSync(
    join(folder, 'maturity.yaml'),
    `version: 1
reviewed: 2026-01-05
runbooks:
  restart-service:
    diagnosis: { answer: partly, how: by hand }
    detection: { answer: partly, how: not at night }
layers: { slos: { answer: partly, how: one of two }, oversight: { answer: partly, how: by day } }
services:
  shop: { slos: { answer: yes, how: wired } }
`,
  );
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  const { db } = database;
  await db.transaction().execute(async (transaction) => {
    await sql`SET LOCAL session_replication_role = replica`.execute(transaction);
    await sql`TRUNCATE ledger, ledger_ids, runs, notices, inbox, trust_facts, trust_ceilings`.execute(
      transaction,
    );
  });
});

function run(...args: readonly string[]): Promise<Said> {
  const env = {
    DATABASE_URL: database.url,
    BELAY_TRUST_FOLDER: folder,
    BELAY_POLICY_FILE: join(folder, 'services.yaml'),
    BELAY_PERSON: 'ana',
  };
  return belay(args, { env });
}

async function tell(told: ToldRun): Promise<void> {
  for (const portion of portionsOf(told)) await store.record(portion);
}

async function drilled(): Promise<void> {
  const parts = (['fault', 'undo', 'escalation'] as const).map((part) => {
    return { part, passed: true, seen: 'seen', run: 'r', ledgerSha256: '' };
  });
  const drill = { runbook: 'restart-service', classes: ['restart'], parts, by: 'ana', tookMs: 1 };
  await recordDrill(database.db, drill);
}

interface Rung {
  readonly actionClass: string;
  readonly service: string;
  readonly present: number;
  readonly binding: string | null;
}

async function rungOf(actionClass: string, service: string): Promise<Rung | undefined> {
  const said = await run('maturity', actionClass, '--service', service, '--json');
  return (documentOf(said)['rungs'] as Rung[])[0];
}

describe("Wilson's lower bound", () => {
  test('is the one of the tables', () => {
    const known: (readonly [number, number, number])[] = [
      [0, 10, 0],
      [10, 10, 0.7225],
      [8, 10, 0.4901],
      [35, 35, 0.9011],
      [50, 100, 0.4038],
    ];
    for (const [good, trials, bound] of known)
      expect(wilsonLowerBound(good, trials)).toBeCloseTo(bound, 3);
    expect(wilsonLowerBound(0, 0)).toBe(0);
    expect(() => wilsonLowerBound(2, 1)).toThrow(RangeError);
  });

  test('is below the share, grows with each good run and falls with each bad one', () => {
    const property = fc.property(fc.nat(300), fc.nat(300), (good, bad) => {
      const bound = wilsonLowerBound(good, good + bad);
      expect(bound).toBeLessThanOrEqual(good / Math.max(1, good + bad) + 1e-12);
      expect(wilsonLowerBound(good + 1, good + bad + 1)).toBeGreaterThan(bound - 1e-12);
      expect(wilsonLowerBound(good, good + bad + 1)).toBeLessThanOrEqual(bound + 1e-12);
    });
    fc.assert(property);
  });
});

describe('what binds', () => {
  test('is evidence first, then the drill, then the signature, then policy', async () => {
    expect((await rungOf('restart', 'shop'))?.binding).toMatch(
      /^(bound|reviewed|drill|undo|escalation): /,
    );
    for (let at = 0; at < 4; at += 1)
      await tell({ run: `g${at}`, outcome: 'resolved', answers: ['approve'] });
    expect((await rungOf('restart', 'shop'))?.binding).toContain('drill: fault drill passed');
    await drilled();
    expect((await rungOf('restart', 'shop'))?.binding).toBe(
      'reviewed: 4 of 10 runs reviewed by people since the ceiling last changed',
    );
    for (let at = 4; at < 10; at += 1)
      await tell({ run: `g${at}`, outcome: 'resolved', answers: ['approve'] });
    const ready = await rungOf('restart', 'shop');
    expect(ready?.present).toBe(3);
    expect(ready?.binding).toContain('signature: everything else is there');
  });

  test('is policy where policy permits less than was earned', async () => {
    expect(await rungOf('restart', 'bank')).toMatchObject({ present: 2 });
    expect((await rungOf('restart', 'bank'))?.binding).toBe(
      'policy: level 2 is permitted, level 3 is wanted',
    );
    expect((await run('maturity')).out).toContain('configure on shop');
  });

  test('is the drill again once it is older than 30 days, or missed the last time', async () => {
    for (let at = 0; at < 10; at += 1)
      await tell({ run: `g${at}`, outcome: 'resolved', answers: ['approve'] });
    await drilled();
    await recordDrill(database.db, {
      runbook: 'restart-service',
      classes: ['restart'],
      parts: [{ part: 'fault', passed: false, seen: 'it stayed down', run: '', ledgerSha256: '' }],
      by: 'ana',
      tookMs: 1,
    });
    expect((await rungOf('restart', 'shop'))?.binding).toContain(
      'restart-service never, or not the last time',
    );
  });
});

describe('the shadow', () => {
  test('sets proposals beside what people did, and takes their word', async () => {
    await tell({ run: 'same', outcome: 'resolved', answers: ['approve'] });
    await tell({ run: 'other', outcome: 'withheld', reason: 'rejected', answers: ['reject'] });
    await tell({ run: 'alone', outcome: 'withheld', reason: 'resolved-meanwhile' });
    await tell({ run: 'silent', outcome: 'advised', reason: 'advise-only' });
    await sql`UPDATE runs SET level = 2`.execute(database.db);
    const agreement = async () => documentOf(await run('shadow', '--json'))['agreement'];
    expect(await agreement()).toMatchObject({ same: 1, otherwise: 1, silent: 2 });
    expect((await run('shadow')).out).toContain('resolved by itself');
    expect((await run('shadow', 'note', 'silent', '--did', 'restarted it')).exit).toBe(2);
    expect((await run('shadow', 'note', 'gone', '--did', 'x', '--same')).exit).toBe(1);
    expect((await run('shadow', 'note', 'silent', '--did', 'restarted it', '--same')).exit).toBe(0);
    expect(await agreement()).toMatchObject({ same: 2, otherwise: 1, silent: 1 });
    expect((await run('shadow')).out).toContain('ana did the same: restarted it');
  });
});

interface Rated {
  readonly name: string;
  readonly rate: number;
  readonly by: string;
  readonly says: string;
}

describe('the assessment', () => {
  const assess = (...args: readonly string[]) =>
    run('maturity', 'assess', '--answers', join(folder, 'maturity.yaml'), ...args);

  test('measures what it can, asks for the rest, and what nobody answered is no', async () => {
    await tell({ run: 'a', outcome: 'resolved' });
    await drilled();
    const inbox = createInbox(database.db);
    for (const name of ['ServiceDown', 'DiskFull']) {
      const [taken] = await inbox.add([alertOf(name)]);
      const unmatched = { state: 'unmatched', run: null, why: 'none' } as const;
      const dispatched = { state: 'dispatched', run: 'a', why: null } as const;
      await inbox.settle(taken?.id ?? 0, name === 'DiskFull' ? unmatched : dispatched);
    }
    const document = documentOf(await assess('--json'));
    const books = document['runbooks'] as { runbook: string; ratings: Rated[] }[];
    const restart = books.find(({ runbook }) => runbook === 'restart-service')?.ratings ?? [];
    const byName = Object.fromEntries(restart.map((rating) => [rating.name, rating]));
    expect(byName).toMatchObject({
      detection: {
        rate: 0.5,
        by: 'people',
        says: '1 of 1 runs were begun by an alert; people say partly: not at night',
      },
      diagnosis: { rate: 0.5, by: 'people', says: 'partly: by hand' },
      remediation: { rate: 1, by: 'measured' },
      structured: { rate: 0, says: '0 of 1 plans name service and state before each step' },
      idempotent: { rate: 1, by: 'measured' },
      governed: { rate: 0, by: 'measured' },
    });
    const tune = books.find(({ runbook }) => runbook === 'tune-retries')?.ratings ?? [];
    expect(tune.find(({ name }) => name === 'governed')).toMatchObject({ rate: 0, by: 'nobody' });
    const layers = document['layers'] as Rated[];
    expect(layers.find(({ name }) => name === 'coverage')).toMatchObject({
      rate: 0.5,
      says: '1 of 2 kinds of alert found a runbook',
    });
    expect(layers.find(({ name }) => name === 'observability')).toMatchObject({
      rate: 0.5,
      by: 'nobody',
      says: '1 of 2 services; bank: nobody has answered',
    });
    expect(layers.find(({ name }) => name === 'slos')).toMatchObject({ rate: 0.75, by: 'people' });
    expect(document['ceiling']).toMatchObject({ name: 'rebuildable', by: 'nobody' });
    expect((await assess()).out).toContain(
      'ceiling  rebuildable: 0 of 2 services; shop: nobody has answered',
    );
  });

  test('refuses answers it does not understand, with file, line and fix', async () => {
    const wrong = join(folder, 'wrong.yaml');
    writeFileSync(
      wrong,
      'version: 1\nreviewed: 2026-01-05\nrunbooks: {}\nlayers:\n  slos: { answer: maybe, how: x }\n',
    );
    const said = await run('maturity', 'assess', '--answers', wrong);
    expect(said.exit).toBe(1);
    expect(said.err).toContain(
      'wrong.yaml:5:19: layers.slos.answer: an answer is yes, partly or no',
    );
  });

  test('the answers and the rules that are shipped can be read', async () => {
    const said = await run('maturity', 'assess', '--answers', 'policies/maturity.yaml');
    expect(said).toMatchObject({ exit: 0, err: '' });
    expect((await run('maturity', '--folder', 'policies/trust')).exit).toBe(0);
  });
});
