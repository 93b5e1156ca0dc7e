/** A promotion, from its evidence to the commit: real PostgreSQL, real ssh-keygen, real git; and everything that is not one. */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { noGuards } from '../../activities/guards/source.js';
import { createTablePolicy } from '../../activities/policy/source.js';
import { createStore, type Store } from '../../activities/store/store.js';
import { recordDrill } from '../../activities/store/trust/drills.js';
import { listRecords } from '../../activities/store/trust/record.js';
import { canonical } from '../../workflows/domain/json.js';
import { belay, documentOf, type Said } from '../cli/recorded-terminal.js';
import { judging, policyTable } from '../store/contract/fixture.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { portionsOf, type ToldRun } from '../support/told-runs.js';

let database: TestDatabase;
let store: Store;
let keys = '';
let repository = '';
let folder = '';

beforeAll(async () => {
  database = await openTestDatabase();
  const policy = createTablePolicy(policyTable, 'digest');
  store = createStore({ db: database.db, policy, guards: noGuards, digestOf: () => 'd' });
  keys = mkdtempSync(join(tmpdir(), 'belay-keys-'));
  for (const person of ['ana', 'bo', 'cy', 'dee', 'eve'])
    execFileSync('ssh-keygen', ['-t', 'ed25519', '-q', '-N', '', '-f', join(keys, person)]);
});
afterAll(async () => {
  await database.close();
  rmSync(keys, { recursive: true });
});

beforeEach(async () => {
  const { db } = database;
  await db.transaction().execute(async (transaction) => {
    await sql`SET LOCAL session_replication_role = replica`.execute(transaction);
    await sql`TRUNCATE ledger, ledger_ids, runs, notices, leases, quarantine, trust_facts, trust_ceilings`.execute(
      transaction,
    );
  });
  repository = mkdtempSync(join(tmpdir(), 'belay-policies-'));
  folder = join(repository, 'policies', 'trust');
  mkdirSync(folder, { recursive: true });
  git('init', '--quiet');
  git('config', 'user.email', 'ana@example.org');
  git('config', 'user.name', 'ana');
  const options = { ana: '', bo: '', cy: 'namespaces="file" ', dee: 'valid-before="20200101Z" ' };
  const lines = Object.entries(options).map(([person, option]) => {
    return `${person} ${option}${publicKey(person)}`;
  });
  writeFileSync(join(folder, 'allowed_signers'), `${lines.join('\n')}\n`);
});

function git(...args: readonly string[]): string {
  return execFileSync('git', ['-C', repository, ...args]).toString();
}

function publicKey(person: string): string {
  return readFileSync(join(keys, `${person}.pub`), 'utf8').trim();
}

async function tell(told: ToldRun): Promise<void> {
  for (const portion of portionsOf(told)) await store.record(portion);
}

async function earned(runs = 10, acting: Partial<ToldRun> = {}): Promise<void> {
  for (let at = 0; at < runs; at += 1)
    await tell({ run: `good-${at}`, outcome: 'resolved', answers: ['approve'], ...acting });
}

async function drilled(): Promise<void> {
  const parts = (['fault', 'undo', 'escalation'] as const).map((part) => {
    return { part, passed: true, seen: 'seen', run: 'r', ledgerSha256: '' };
  });
  await recordDrill(database.db, {
    runbook: 'restart-service',
    classes: ['restart'],
    parts,
    by: 'ana',
    tookMs: 1,
  });
}

function trust(...args: readonly string[]): Promise<Said> {
  const env = { DATABASE_URL: database.url, BELAY_TRUST_FOLDER: folder, BELAY_PERSON: 'ana' };
  return belay(['trust', ...args], { env });
}

const record = ['restart', '--tier', 'warning', '--environment', 'demo'] as const;

async function proposed(): Promise<string> {
  const said = await trust('propose', ...record);
  expect(said.err).toBe('');
  return fileOf(said.out);
}

function fileOf(text: string): string {
  const file = join(mkdtempSync(join(repository, 'statement-')), 'statement.json');
  writeFileSync(file, text);
  return file;
}

/** With the real ssh-keygen; answers the signature's file. */
function signed(person: string, file: string, namespace = 'belay-promotion@v1'): string {
  const signature = `${file}.${person}.sig`;
  const args = ['-Y', 'sign', '-q', '-n', namespace, '-f', join(keys, person)];
  const armoured = execFileSync('ssh-keygen', args, {
    input: readFileSync(file),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  writeFileSync(signature, armoured);
  return signature;
}

function promote(file: string, ...people: readonly string[]): Promise<Said> {
  return trust('promote', file, '--signature', ...people.map((person) => signed(person, file)));
}

async function ceiling(): Promise<number> {
  return (await listRecords(database.db, 'restart'))[0]?.ceiling ?? 0;
}

async function altered(file: string, change: Record<string, unknown>): Promise<string> {
  const statement = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  return Promise.resolve(fileOf(`${canonical({ ...statement, ...change })}\n`));
}

describe('a promotion', () => {
  test('with its evidence, signed by a person: ledger line, file, commit, and the next admission acts alone', async () => {
    await earned();
    await drilled();
    expect((await store.admit(judging('a', ['process:h/a']))).terms?.level).toBe(3);
    const said = await promote(await proposed(), 'bo');
    expect(said).toMatchObject({ exit: 0, err: '' });
    expect(said.out).toContain('restart/warning/demo was promoted from 3 to 4, signed by bo');
    expect((await store.admit(judging('b', ['process:h/b']))).terms?.level).toBe(4);
    expect(git('log', '-1', '--format=%s')).toBe(
      'Promote restart/warning/demo from level 3 to 4, signed by bo\n',
    );
    expect(git('show', '--stat', '--format=')).toContain(
      'policies/trust/restart.warning.demo.json',
    );
    const { rows } = await sql<{ actor: string; level: number }>`
      SELECT actor, level FROM ledger WHERE kind = 'trust'`.execute(database.db);
    expect(rows).toEqual([{ actor: 'person:bo', level: 4 }]);
    expect(await trust('verify')).toMatchObject({ exit: 0 });
  });

  test('is explained by the ledger lines behind it', async () => {
    await earned(2);
    const said = await trust('restart', '--explain', '--json');
    const [explained] = documentOf(said)['records'] as {
      facts: { fact: string; says: string }[];
    }[];
    expect(explained?.facts.filter(({ fact }) => fact === 'held')).toHaveLength(2);
    expect((await trust('restart')).out).toContain('restart/warning/demo');
    expect((await trust('restart', '--explain')).out).toContain('ana sent approve');
  });

  test('to level 5 needs two people, one of them neither proposer nor author', async () => {
    await earned(35);
    await drilled();
    await promote(await proposed(), 'bo');
    await sql`UPDATE trust_ceilings SET changed_at = now() - interval '1 day'`.execute(database.db);
    const file = await proposed();
    expect((await promote(file, 'ana')).err).toContain('level 5 needs 2 people to sign, 1 did');
    expect((await promote(file, 'bo', 'bo')).err).toContain(
      'level 5 needs 2 people to sign, 1 did',
    );
    expect(await promote(file, 'ana', 'bo')).toMatchObject({ exit: 0, err: '' });
    expect(await ceiling()).toBe(5);
  });

  test('is lost with the first bad run, and the signed statement cannot be used again', async () => {
    await earned();
    await drilled();
    const file = await proposed();
    await promote(file, 'bo');
    await tell({ run: 'bad', outcome: 'undone', reason: 'not-confirmed' });
    expect(await ceiling()).toBe(3);
    expect((await promote(file, 'bo')).exit).toBe(1);
    expect(await ceiling()).toBe(3);
  });
});

describe('no promotion', () => {
  test('is proposed before its evidence is there, and everything that is missing is named', async () => {
    await earned(3);
    const said = await trust('propose', ...record);
    expect(said.exit).toBe(1);
    for (const missing of [
      '3 of 3 runs held',
      '3 of 10 runs reviewed',
      'fault drill',
      'undo',
      'escalation',
    ])
      expect(said.err).toContain(missing);
  });

  test.each([
    ['of somebody nobody allowed', 'eve', /none of the allowed signers/],
    ['of a key for other purposes', 'cy', /may not sign for/],
    ['of a key that expired', 'dee', /has expired/],
  ])('comes of a signature %s', async (_, person, why) => {
    await earned();
    await drilled();
    const said = await promote(await proposed(), person);
    expect(said.exit).toBe(1);
    expect(said.err).toMatch(why);
    expect(await ceiling()).toBe(3);
  });

  test('comes of a revoked key, another namespace, an altered statement or no statement', async () => {
    await earned();
    await drilled();
    const file = await proposed();
    const other = await trust('promote', file, '--signature', signed('bo', file, 'file'));
    expect(other.err).toContain('signed for "file"');
    const raised = await altered(file, { proposedBy: 'bo' });
    const moved = await trust('promote', raised, '--signature', signed('bo', file));
    expect(moved.err).toContain('not of these bytes');
    const spaced = fileOf(readFileSync(file, 'utf8').replace('{', '{ '));
    expect((await promote(spaced, 'bo')).err).toContain('not in canonical form');
    expect((await promote(fileOf('{"v":1}'), 'bo')).err).toContain('no statement of a promotion');
    expect((await promote(fileOf('promote it'), 'bo')).err).toContain('no JSON');
    writeFileSync(join(folder, 'revoked_keys'), publicKey('bo'));
    expect((await promote(file, 'bo')).err).toContain('the key was revoked');
    expect(await ceiling()).toBe(3);
  });

  test('comes of a statement that expired, jumps a level, or names drills of another engine', async () => {
    await earned();
    await drilled();
    const file = await proposed();
    const expired = await altered(file, { expiresAt: '2026-01-01T00:00:00.000Z' });
    expect((await promote(expired, 'bo')).err).toContain('expired');
    const jump = await altered(file, { to: 5 });
    expect((await promote(jump, 'bo', 'ana')).err).toContain('more than one level');
    const { evidence } = JSON.parse(readFileSync(file, 'utf8')) as { evidence: object };
    const drill = { runbook: 'restart-service', entry: 'x', at: '2026-01-01T00:00:00Z' };
    const foreign = await altered(file, { evidence: { ...evidence, drills: [drill] } });
    expect((await promote(foreign, 'bo')).err).toContain('not in this ledger');
    expect(await ceiling()).toBe(3);
  });

  test('stands when the evidence went bad while it was signed', async () => {
    await earned();
    await drilled();
    const file = await proposed();
    for (let at = 0; at < 4; at += 1)
      await tell({ run: `bad-${at}`, outcome: 'undone', reason: 'not-confirmed' });
    expect((await promote(file, 'bo')).err).toContain('cannot be promoted yet');
  });

  test('is half done: where git does not commit, there is no file, no line and no level', async () => {
    await earned();
    await drilled();
    const file = await proposed();
    const hook = join(repository, '.git', 'hooks', 'pre-commit');
    writeFileSync(hook, '#!/bin/sh\necho "not on a Friday" >&2\nexit 1\n');
    chmodSync(hook, 0o755);
    const said = await promote(file, 'bo');
    expect(said.err).toContain('not on a Friday');
    expect(existsSync(join(folder, 'restart.warning.demo.json'))).toBe(false);
    expect(git('status', '--porcelain', 'policies/trust/restart.warning.demo.json')).toBe('');
    expect(await ceiling()).toBe(3);
    rmSync(hook);
    expect((await promote(file, 'bo')).exit).toBe(0);
  });

  test('is in force without its signature: verify finds the file that is gone, altered, or signed by somebody else', async () => {
    await earned();
    await drilled();
    await promote(await proposed(), 'bo');
    const path = join(folder, 'restart.warning.demo.json');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('\\"from\\":3', '\\"from\\":2'));
    expect((await trust('verify')).err).toContain('is not what');
    rmSync(path);
    expect((await trust('verify')).err).toContain('has no file');
    writeFileSync(path, text);
    writeFileSync(join(folder, 'revoked_keys'), publicKey('bo'));
    expect((await trust('verify')).err).toContain('revoked');
  });

  test('is a grant: where signers are named nothing is granted, and elsewhere once', async () => {
    const grant = ['grant', ...record, '--why', 'the first day'] as const;
    expect((await trust(...grant)).err).toContain('names who signs');
    rmSync(join(folder, 'allowed_signers'));
    expect(await trust(...grant)).toMatchObject({ exit: 0 });
    expect((await trust(...grant)).err).toContain('has a record already');
  });

  test('comes of rules that are wrong: file, line and fix are named', async () => {
    await earned();
    writeFileSync(join(folder, 'rules.yaml'), 'version: 1\nreviewedMin: 3\ntreshold: {}\n');
    const said = await trust('propose', ...record);
    expect(said.exit).toBe(1);
    expect(said.err).toContain('rules.yaml:2:14: reviewedMin: at least 10 runs are reviewed');
  });
});
