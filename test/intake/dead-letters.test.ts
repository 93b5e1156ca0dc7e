/**
 * Bodies that are let in and not understood, on a real PostgreSQL: kept before they are answered, told of once, bounded,
 * read again by a person.
 */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createDeadLetters } from '../../activities/store/dead-letters.js';
import type { DeadLetter } from '../../activities/store/dead-letters.js';
import { settleLetter } from '../../activities/store/inbox-desk.js';
import { startIntake } from '../../workers/intake.js';
import type { Intake } from '../../workers/intake.js';
import { readSettings } from '../../workers/settings.js';
import { openTestDatabase } from '../support/database.js';
import type { TestDatabase } from '../support/database.js';
import { answerOf, emptied, eventually, metric, nobodyThere, quietLog } from '../support/intake.js';
import type { Answer } from '../support/intake.js';
import { hexHmac } from '../support/signing.js';

const token = 'a-token-for-tests';
const secret = 'a-secret-for-tests';
const log = quietLog();
let database: TestDatabase;
let intake: Intake;

beforeAll(async () => {
  database = await openTestDatabase();
  const settings = readSettings({
    DATABASE_URL: database.url,
    BELAY_INTAKE_PORT: '0',
    BELAY_DATADOG_TOKENS: token,
    BELAY_CLOUDEVENTS_TOKENS: token,
    BELAY_PAGERDUTY_SECRETS: secret,
  });
  intake = await startIntake({ settings, log, runs: nobodyThere });
  const look = async (): Promise<number> => (await fetch(`${intake.url}/readyz`)).status;
  await eventually(look, (status) => status === 200);
});

afterAll(async () => {
  await intake.stop();
  await database.close();
});

beforeEach(async () => {
  await emptied(database.db);
  await sql`DELETE FROM dead_letters`.execute(database.db);
  await sql`DELETE FROM notices`.execute(database.db);
});

const bodyIn = (name: string): string => readFileSync(`test/intake/bodies/${name}.json`, 'utf8');

async function send(
  source: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const own = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
  const signature = `v1=${hexHmac(secret, body)}`;
  const response = await fetch(`${intake.url}/v1/alerts/${source}`, {
    method: 'POST',
    headers: { ...own, 'x-pagerduty-signature': signature, ...headers },
    body,
  });
  return answerOf(response);
}

function letters() {
  return database.db.selectFrom('dead_letters').selectAll().orderBy('id').execute();
}

describe('a body that is not understood', () => {
  const strange = bodyIn('datadog/unknown-transition');

  test('is kept as it came, answered 422 with its name, and counted', async () => {
    const series = 'belay_intake_unparsed_total{source="datadog"}';
    const before = await metric(intake.url, series);
    const answer = await send('datadog', strange, { 'x-secret': 'no', 'ce-id': '7' });
    const [letter] = await letters();
    const name = `d${letter?.id}`;
    expect(answer).toMatchObject({
      status: 422,
      body: { kept: name, fix: `belay inbox show ${name}`, error: expect.any(String) },
    });
    expect(answer.body['error']).toContain('transition "Muted" is unknown; it is kept as');
    expect(letter).toMatchObject({
      source: 'datadog',
      state: 'kept',
      why: 'transition "Muted" is unknown',
      headers: { 'content-type': 'application/json', 'ce-id': '7' },
    });
    expect(letter?.body.toString('utf8')).toBe(strange);
    expect(await metric(intake.url, series)).toBe(before + 1);
    const rows = await database.db.selectFrom('inbox').select('id').execute();
    expect(rows).toEqual([]);
  });

  test('that comes again is a count and no replay: it was never handled', async () => {
    const body = bodyIn('pagerduty/unknown-type');
    for (let sent = 0; sent < 3; sent += 1) {
      expect((await send('pagerduty', body)).status).toBe(422);
    }
    expect(await letters()).toMatchObject([{ source: 'pagerduty', count: 3 }]);
  });

  test('is told of once a source and hour', async () => {
    await send('datadog', strange);
    await send('datadog', bodyIn('datadog/unknown-start'));
    await send('cloudevents', bodyIn('cloudevents/unknown-shape'));
    const notices = await database.db.selectFrom('notices').selectAll().orderBy('id').execute();
    expect(notices).toMatchObject([
      { urgency: 'tell', title: 'cloudevents sends what is not understood' },
      { urgency: 'tell', title: 'datadog sends what is not understood' },
    ]);
    expect(notices[1]?.text).toMatch(/transition "Muted".*belay inbox show d\d+$/);
  });

  test('that holds NUL escapes and no text at all is kept to the byte', async () => {
    const body = JSON.stringify({ ...JSON.parse(strange), transition: 'a\0b\ud800', x: '\u0001' });
    expect((await send('datadog', body)).status).toBe(422);
    expect((await letters())[0]?.body.toString('utf8')).toBe(body);
  });

  test('is answered 503 while it cannot be committed', async () => {
    const answer = await database.db.transaction().execute(async (transaction) => {
      await sql`LOCK TABLE dead_letters`.execute(transaction);
      return send('datadog', strange);
    });
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('no secret is kept or logged', async () => {
    await send('datadog', strange);
    expect(JSON.stringify(await letters())).not.toContain(token);
    expect(log.lines.join('\n')).not.toMatch(/a-token-for-tests|a-secret-for-tests/);
  });
});

test('alerts that the database takes at no time are kept, and cost no other request its commit', async () => {
  await sql`
    CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF NEW.alert ->> 'name' = 'Poison' THEN RAISE EXCEPTION 'no such text' USING ERRCODE = '22P05'; END IF;
      RETURN NEW;
    END $$`.execute(database.db);
  await sql`CREATE TRIGGER refuse_poison BEFORE INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION refuse_poison()`.execute(
    database.db,
  );
  const event = JSON.parse(bodyIn('cloudevents/firing')) as { data: object };
  const named = (name: string) => ({ ...event, data: { ...event.data, name, fingerprint: name } });
  const names = ['Poison', ...Array.from({ length: 10 }, (_, at) => `Good${at}`)];
  const answers = await Promise.all(
    names.map((name) => send('cloudevents', JSON.stringify(named(name)))),
  );
  await sql`DROP TRIGGER refuse_poison ON inbox`.execute(database.db);
  expect(answers.map(({ status }) => status)).toEqual([422, ...names.slice(1).map(() => 202)]);
  expect(await letters()).toMatchObject([
    { source: 'cloudevents', why: 'the database does not take it: no such text' },
  ]);
});

test('what begins and ends nothing is answered 202 with why, and kept nowhere', async () => {
  const answer = await send('datadog', bodyIn('datadog/nothing-test'));
  expect(answer).toMatchObject({
    status: 202,
    body: { accepted: 0, why: 'a test of the monitor' },
  });
  const ping = bodyIn('pagerduty/nothing-ping');
  expect((await send('pagerduty', ping)).body).toMatchObject({ accepted: 0 });
  expect((await send('pagerduty', ping)).body).toEqual({ accepted: 0, replayed: true });
  expect(await letters()).toEqual([]);
});

describe('the room for letters', () => {
  const letterOf = (source: string, text: string): DeadLetter => {
    return { source, why: 'unknown', headers: {}, body: Buffer.from(text) };
  };

  async function kept(): Promise<string[]> {
    return (await letters()).map(({ source, body }) => `${source} ${body.toString()}`);
  }

  test('is bounded in rows: the oldest of its own source goes, and is counted', async () => {
    const lost: string[] = [];
    const store = createDeadLetters(database.db, {
      onLost: (source, count) => lost.push(`${source} ${count}`),
      bounds: { rowsMax: 3, bytesMax: 1_000 },
    });
    await store.keep(letterOf('other', 'a'));
    for (const text of ['a', 'b', 'c', 'd', 'e']) await store.keep(letterOf('one', text));
    expect(await kept()).toEqual(['other a', 'one c', 'one d', 'one e']);
    expect(lost).toEqual(['one 1', 'one 1']);
  });

  test('is bounded in bytes, and what was settled goes first without a word', async () => {
    const lost: string[] = [];
    const store = createDeadLetters(database.db, {
      onLost: (source, count) => lost.push(`${source} ${count}`),
      bounds: { rowsMax: 100, bytesMax: 10 },
    });
    await store.keep(letterOf('one', 'aaaa'));
    const settled = await store.keep(letterOf('one', 'bbbb'));
    await settleLetter(database.db, settled.id, { state: 'dropped', by: 'ann', why: 'noise' });
    await store.keep(letterOf('one', 'cccc'));
    expect(await kept()).toEqual(['one aaaa', 'one cccc']);
    expect(lost).toEqual([]);
    await store.keep(letterOf('one', 'dddd'));
    expect(await kept()).toEqual(['one cccc', 'one dddd']);
    expect(lost).toEqual(['one 1']);
  });

  test('fifty at once, many of them the same, are each answered with their letter', async () => {
    const store = createDeadLetters(database.db, { onLost: () => undefined });
    const texts = Array.from({ length: 50 }, (_, at) => `text ${at % 7}`);
    const answers = await Promise.all(texts.map((text) => store.keep(letterOf('one', text))));
    const rows = await letters();
    expect(rows.map(({ count }) => count).reduce((sum, count) => sum + count, 0)).toBe(50);
    answers.forEach(({ id }, at) => {
      expect(rows.find((row) => row.id === id)?.body.toString()).toBe(texts[at]);
    });
  });

  test('one that a person dropped is only counted; one that was read again is kept anew', async () => {
    const store = createDeadLetters(database.db, { onLost: () => undefined });
    const { id } = await store.keep(letterOf('one', 'a'));
    await settleLetter(database.db, id, { state: 'dropped', by: 'ann', why: 'noise' });
    expect(await store.keep(letterOf('one', 'a'))).toEqual({ id, state: 'dropped' });
    await settleLetter(database.db, id, { state: 'replayed', by: 'ann', why: 'after all' });
    expect(await store.keep(letterOf('one', 'a'))).toEqual({ id, state: 'kept' });
    expect(await letters()).toMatchObject([{ count: 3 }]);
  });
});
