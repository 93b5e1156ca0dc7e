/** The notary as a process has it: seals in time, survives what breaks between its steps, says what is wrong, and is asked over HTTP. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { pino } from 'pino';
import { withEvidence } from '../../activities/audit/database-evidence.js';
import type { Destination } from '../../activities/audit/destination.js';
import { fileDestination } from '../../activities/audit/destinations/file.js';
import { examine } from '../../activities/audit/examine.js';
import { makeSigningKeyText, parseSigningKey } from '../../activities/audit/note.js';
import { writeBareLine } from '../../activities/store/bare-line.js';
import { startNotary } from '../../workers/notary.js';
import { createRounds } from '../../workers/notary/rounds.js';
import { readNotarySettings } from '../../workers/notary/settings.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let folder: string;
const keyText = makeSigningKeyText('ledger.example/belay');
const key = parseSigningKey(keyText);
const silent = pino({ level: 'silent' });

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'belay-notary-'));
  await database.db.transaction().execute(async (transaction) => {
    await sql`SET LOCAL session_replication_role = replica`.execute(transaction);
    await sql`TRUNCATE ledger, ledger_ids, ledger_leaves, ledger_nodes, ledger_checkpoints, ledger_published`.execute(
      transaction,
    );
  });
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function write(count: number): Promise<void> {
  for (let at = 0; at < count; at += 1)
    await writeBareLine(database.db, {
      kind: 'switch',
      actor: 'belay',
      says: `line ${at}`,
      detail: { at },
    });
}

const look = (outside: readonly Destination[]) =>
  withEvidence(database.db, { url: database.url, key, outside, outsideMax: 1000 }, examine);

describe('the rounds', () => {
  test('wait for company, seal a thousand at once and a lone line in time', async () => {
    const outside = fileDestination(folder);
    const rounds = createRounds({ db: database.db, key, destinations: [outside], everyMs: 3000 });
    await rounds.look();
    await write(3);
    await rounds.look();
    expect(rounds.standing()).toMatchObject({ waiting: 3, sealed: 0 });
    await sleep(1700);
    await rounds.look();
    expect(rounds.standing()).toMatchObject({
      waiting: 0,
      sealed: 3,
      published: 1,
      trouble: undefined,
    });
    await sql`
      INSERT INTO ledger (id, kind, says, at) SELECT n::text, 'switch', 'x', now() FROM generate_series(1, 1000) AS n`.execute(
      database.db,
    );
    await rounds.look();
    expect(rounds.standing()).toMatchObject({ waiting: 0, sealed: 1003, published: 2 });
    expect(await look([outside])).toMatchObject({ flaws: [], leaves: 1003 });
  });

  test.each(['before it is there', 'after it is there'] as const)(
    'a place that breaks %s gets the same checkpoint afterwards, and one tree only',
    async (when) => {
      const real = fileDestination(folder);
      let broken = 0;
      const breaking: Destination = {
        ...real,
        async put(checkpoint) {
          if (when === 'after it is there') await real.put(checkpoint);
          broken += 1;
          if (broken % 3 !== 0) throw new Error('the line went dead');
          await real.put(checkpoint);
        },
      };
      // another one each time, as after a kill
      for (let times = 0; times < 9; times += 1) {
        await write(2);
        await createRounds({ db: database.db, key, destinations: [breaking], everyMs: 0 }).look();
      }
      const last = createRounds({ db: database.db, key, destinations: [real], everyMs: 0 });
      await last.look();
      expect(last.standing().trouble).toBeUndefined();
      expect(await look([real])).toMatchObject({ flaws: [], leaves: 18, waiting: 0 });
    },
  );

  test('nothing is signed on a database that was set back, and the standing says why', async () => {
    const outside = fileDestination(folder);
    const rounds = createRounds({ db: database.db, key, destinations: [outside], everyMs: 0 });
    await write(2);
    await rounds.look();
    await database.db.transaction().execute(async (transaction) => {
      await sql`SET LOCAL session_replication_role = replica`.execute(transaction);
      await sql`TRUNCATE ledger_leaves, ledger_nodes, ledger_checkpoints, ledger_published`.execute(
        transaction,
      );
    });
    await write(1);
    await rounds.look();
    expect(rounds.standing().trouble).toContain('it was set back or replaced; nothing is signed');
    const { rows } = await sql`SELECT FROM ledger_checkpoints`.execute(database.db);
    expect(rows).toHaveLength(0);
  });
});

test('the process answers whether it is ready, and shows its numbers', async () => {
  await write(2);
  const keyFile = join(folder, 'key');
  writeFileSync(keyFile, keyText, { mode: 0o600 });
  const settings = readNotarySettings({
    DATABASE_URL: database.url,
    BELAY_NOTARY_KEY_FILE: keyFile,
    BELAY_NOTARY_DESTINATIONS: `file:${folder}/outside`,
    BELAY_NOTARY_SECONDS: '1',
    BELAY_NOTARY_PORT: '0',
    BELAY_NOTARY_HISTORIES: 'no',
  });
  const notary = await startNotary(settings, silent);
  try {
    const text = async (path: string) => (await fetch(notary.url + path)).text();
    const startedMs = Date.now();
    while (
      !(await text('/metrics')).includes('belay_notary_sealed_lines 2') &&
      Date.now() - startedMs < 10_000
    )
      await sleep(100);
    expect(await text('/metrics')).toMatch(
      /belay_notary_sealed_lines 2[^]*belay_notary_refuses 0|belay_notary_refuses 0[^]*belay_notary_sealed_lines 2/,
    );
    expect((await fetch(`${notary.url}/readyz`)).status).toBe(200);
  } finally {
    await notary.stop();
  }
});

describe('settings that are wrong are named with their fix', () => {
  const good = { DATABASE_URL: 'postgres://x', BELAY_NOTARY_DESTINATIONS: 'file:/x' };
  const fileOf = (text: string, mode = 0o600) => {
    const file = join(folder, 'a-key');
    writeFileSync(file, text, { mode });
    chmodSync(file, mode);
    return file;
  };

  test.each([
    [() => ({ ...good }), 'BELAY_NOTARY_KEY_FILE is not set: belay audit key <file> makes a key'],
    [() => ({ ...good, BELAY_NOTARY_KEY_FILE: '/nowhere' }), 'it cannot be read (ENOENT)'],
    [() => ({ ...good, BELAY_NOTARY_KEY_FILE: fileOf('x') }), 'a signing key looks like'],
    [() => ({ ...good, BELAY_NOTARY_KEY_FILE: fileOf(keyText, 0o644) }), 'others may read'],
    [
      () => ({ DATABASE_URL: 'x', BELAY_NOTARY_KEY_FILE: fileOf(keyText) }),
      'DATABASE_URL is not usable',
    ],
    [
      () => ({ DATABASE_URL: 'x', BELAY_NOTARY_KEY_FILE: fileOf(keyText) }),
      'BELAY_NOTARY_DESTINATIONS is not set',
    ],
    [
      () => ({ ...good, BELAY_NOTARY_SECONDS: '90', BELAY_NOTARY_KEY_FILE: fileOf(keyText) }),
      'up to 60',
    ],
  ])('case %#', (env, says) => {
    expect(() => readNotarySettings(env())).toThrow(says);
    expect(() => readNotarySettings(env())).not.toThrow(keyText.slice(-20, -1));
  });
});
