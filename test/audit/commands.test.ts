/** `belay audit` on a real database: it proves, exports what verifies without Belay, and retires months without breaking a proof. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { fileDestination } from '../../activities/audit/destinations/file.js';
import { parseSigningKey } from '../../activities/audit/note.js';
import { publish } from '../../activities/audit/publish.js';
import { createSealer } from '../../activities/audit/seal.js';
import { belay as run } from '../cli/recorded-terminal.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let folder: string;
let keyFile: string;
let publicKey: string;

beforeAll(async () => {
  database = await openTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'belay-audit-'));
  keyFile = join(folder, 'keys', 'notary');
  await belay('audit', 'key', keyFile, '--name', 'ledger.example/belay');
  publicKey = readFileSync(`${keyFile}.pub`, 'utf8').trim();
  await fill(2500, 'shop', "now() - interval '1 hour'");
  await seal();
});
afterAll(async () => {
  await database.close();
  rmSync(folder, { recursive: true, force: true });
});

function belay(...args: string[]) {
  return run(args, {
    env: {
      DATABASE_URL: database.url,
      BELAY_STATE_FOLDER: join(folder, 'state'),
      BELAY_NOTARY_DESTINATIONS: `file:${join(folder, 'outside')}`,
      BELAY_NOTARY_PUBLIC_KEY: `${keyFile}.pub`,
      BELAY_PERSON: 'ana',
    },
  });
}

async function fill(count: number, service: string, at: string): Promise<void> {
  await sql`
    INSERT INTO ledger (id, run, service, kind, says, at, recorded_at, detail)
    SELECT gen_random_uuid()::text, ${service} || '.' || (n / 10), ${service}, 'decision', 'it said "no", line ' || n,
      ${sql.raw(at)}, ${sql.raw(at)}, jsonb_build_object('n', n, '10', 1, '9', true, 'text', E'two\nlines')
    FROM generate_series(0, ${count - 1}::int) AS n`.execute(database.db);
}

async function seal(): Promise<void> {
  const sealer = createSealer(database.db, parseSigningKey(readFileSync(keyFile, 'utf8')));
  while ((await sealer.seal(700))?.more === true);
  await publish(database.db, fileDestination(join(folder, 'outside')));
}

async function asOwner(statement: ReturnType<typeof sql>): Promise<void> {
  await database.db.transaction().execute(async (transaction) => {
    await sql`SET LOCAL session_replication_role = replica`.execute(transaction);
    await statement.execute(transaction);
  });
}

function verifier(bundle: string, ...args: string[]) {
  const done = spawnSync(process.execPath, [join(bundle, 'verify.mjs'), bundle, ...args], {
    encoding: 'utf8',
    cwd: tmpdir(),
    env: {},
  });
  return { exit: done.status, says: done.stdout + done.stderr };
}

test('a key is for its owner only, and is not written over', async () => {
  expect(statSync(keyFile).mode & 0o777).toBe(0o600);
  const again = await belay('audit', 'key', keyFile, '--name', 'x');
  expect(again).toMatchObject({
    exit: 1,
    err: expect.stringContaining('is there already'),
  });
});

describe('verify', () => {
  test('says that every line is as it was sealed', async () => {
    const { exit, out } = await belay('audit', 'verify');
    expect(out).toContain('2500 lines, 2500 leaves');
    expect(out).toContain(
      'every line up to 2500 is as it was sealed, signed by ledger.example/belay',
    );
    expect(exit).toBe(0);
  });

  test('with nothing outside to compare with it proves nothing, and says so', async () => {
    const { exit, out } = await belay('audit', 'verify', '--outside', `file:${folder}/nowhere`);
    expect(out).toContain('nothing outside the database was compared');
    expect(exit).toBe(1);
  });

  test.each([
    [['--key', 'nonsense'], 'a verifier key looks like'],
    [['--key', '/dev/null'], '/dev/null: a verifier key looks like'],
    [['--outside', 'ftp:x'], 'is no place for checkpoints'],
    [['--outside', 's3://bucket'], 'AWS_ACCESS_KEY_ID'],
  ])('refuses %j with the fix', async (args, says) => {
    const { exit, err } = await belay('audit', 'verify', ...args);
    expect({ exit, err }).toEqual({ exit: 2, err: expect.stringContaining(says) });
  });

  test('names the line and the run that somebody edited', async () => {
    await asOwner(
      sql`UPDATE ledger SET says = 'it said "yes", line 1234' WHERE detail ->> 'n' = '1234'`,
    );
    const { exit, out } = await belay('audit', 'verify', '--json');
    await asOwner(
      sql`UPDATE ledger SET says = 'it said "no", line 1234' WHERE detail ->> 'n' = '1234'`,
    );
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      flaws: [{ kind: 'edited', run: 'shop.123' }],
    });
    expect(exit).toBe(1);
    expect((await belay('audit', 'verify')).exit).toBe(0);
  });
});

describe('export', () => {
  test.each([
    ['everything', [], 2500],
    ['a run', ['--run', 'shop.7'], 10],
    ['a service', ['--service', 'shop'], 2500],
    ['a period without any', ['--since', '30m'], 0],
    ['a period', ['--since', '2h', '--until', '2199-01-01'], 2500],
  ])('%s verifies with plain Node and nothing else', async (name, args, entries) => {
    const bundle = join(folder, `export of ${name}`);
    const { exit } = await belay('audit', 'export', bundle, ...args);
    expect(exit).toBe(0);
    const done = verifier(bundle, '--key', publicKey);
    expect(done).toEqual({
      exit: 0,
      says: expect.stringContaining(`ok: ${entries} entries`),
    });
  });

  test('does not verify when anything in it is another', async () => {
    const bundle = join(folder, 'spoiled');
    await belay('audit', 'export', bundle, '--run', 'shop.3');
    const spoiled = [
      ['entries.jsonl', /3/],
      ['entries.csv', /3/],
      ['proof.json', /3/],
      ['checkpoint', /2/],
      ['README.txt', /8/],
    ] as const;
    for (const [name, digit] of spoiled) {
      const file = join(bundle, name);
      const text = readFileSync(file, 'utf8');
      writeFileSync(file, text.replace(digit, '4'));
      expect(verifier(bundle).says).toContain(`${name} is not the file that was exported`);
      resealManifest(bundle, name);
      if (name !== 'README.txt')
        expect({ name, ...verifier(bundle, '--key', publicKey) }).toMatchObject({ exit: 1 });
      writeFileSync(file, text);
      resealManifest(bundle, name);
    }
    expect(verifier(bundle).exit).toBe(0);
    const other = publicKey.replace('belay+', 'other+');
    expect(verifier(bundle, '--key', other)).toMatchObject({ exit: 1 });
  });

  test('a line that was edited is not exported', async () => {
    await asOwner(sql`UPDATE ledger SET level = 5 WHERE detail ->> 'n' = '99'`);
    const { exit, err } = await belay('audit', 'export', join(folder, 'edited'));
    await asOwner(sql`UPDATE ledger SET level = NULL WHERE detail ->> 'n' = '99'`);
    expect(exit).toBe(1);
    expect(err).toContain('is not the one that was sealed');
  });
});

/** As somebody who spoils a file would do it. */
function resealManifest(bundle: string, name: string): void {
  const file = join(bundle, 'manifest.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { files: Record<string, string> };
  const digest = spawnSync('sha256sum', [join(bundle, name)], { encoding: 'utf8' }).stdout.slice(
    0,
    64,
  );
  manifest.files[name] = digest;
  writeFileSync(file, JSON.stringify(manifest));
}

describe('retire', () => {
  test('takes old months out, and every proof stays good', async () => {
    await sql`SELECT ledger_make_month((now() - interval '6 months')::date)`.execute(database.db);
    await fill(400, 'old', "now() - interval '6 months'");
    await fill(10, 'shop', 'now()');
    await seal();
    // Old lines with new numbers stand for lines that were new once: only the clock tells, and it is right to.
    const flawsOf = async () =>
      (
        JSON.parse((await belay('audit', 'verify', '--json')).out) as { flaws: { kind: string }[] }
      ).flaws.filter(({ kind }) => kind !== 'clock');
    expect(await flawsOf()).toEqual([]);
    const place = join(folder, 'retired');
    expect((await belay('audit', 'retire', place, '--older-than', '80d')).exit).toBe(2);
    const asked = await belay('audit', 'retire', place);
    expect(asked.out).toContain('400 lines');
    expect(asked.out).toContain('add --yes');
    const done = await belay('audit', 'retire', place, '--yes', '--json');
    expect(done).toMatchObject({ exit: 0, err: '' });
    const [month] = (JSON.parse(done.out) as { months: { month: string }[] }).months;
    await seal();
    const { rows } = await sql<{
      left: number;
    }>`SELECT count(*) AS left FROM ledger WHERE service = 'old'`.execute(database.db);
    expect(rows[0]?.left).toBe(0);
    expect(await flawsOf()).toEqual([]);
    expect((await belay('audit', 'verify')).out).toContain(`${month?.month ?? '?'} is retired`);
    expect(verifier(join(place, month?.month ?? ''), '--key', publicKey).says).toContain(
      'ok: 400 entries',
    );
    await asOwner(sql`DELETE FROM ledger WHERE kind = 'audit'`);
    expect((await flawsOf()).map(({ kind }) => kind)).toContain('missing');
  });
});
