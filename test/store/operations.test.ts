/** An operation is claimed by one attempt at a time, and what it came to is kept. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createOperations, type Operations } from '../../activities/store/operations.js';
import { resume } from '../../activities/store/resume.js';
import { stop } from '../../activities/store/switches.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let operations: Operations;
beforeAll(async () => {
  database = await openTestDatabase();
  operations = createOperations(database.db);
});
afterAll(() => database.close());

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('of many attempts at once one is new and the others are busy until its time is up', async () => {
  const claims = await Promise.all(
    Array.from({ length: 20 }, () => operations.claim('many', 60_000)),
  );
  expect(claims.filter(({ state }) => state === 'new')).toHaveLength(1);
  const busy = claims.flatMap((claim) =>
    claim.state === 'busy' ? [claim.untilMs - Date.now()] : [],
  );
  expect(busy).toHaveLength(19);
  expect(Math.min(...busy)).toBeGreaterThan(50_000);
});

test('a second attempt claims only when the time of the first is up, and learns when that began', async () => {
  const first = await operations.claim('slow', 80);
  expect(await operations.claim('slow', 80)).toMatchObject({ state: 'busy' });
  await pause(120);
  const second = await operations.claim('slow', 80);
  expect(second).toMatchObject({ state: 'again', attempt: 2 });
  if (first.state !== 'new' || second.state !== 'again') throw new Error('not claimed');
  expect(second.firstAttemptAtMs).toBe(first.firstAttemptAtMs);
});

test('an attempt that ended in an error makes room at once, but not for one that lost its claim', async () => {
  await operations.claim('failing', 60_000);
  await operations.release('failing', 1, false);
  expect(await operations.claim('failing', 60_000)).toMatchObject({ state: 'again', attempt: 2 });
  await operations.release('failing', 1, false);
  expect(await operations.claim('failing', 60_000)).toMatchObject({ state: 'busy' });
});

test('as long as every attempt changed nothing the next one is like a first; after one that may have, none is', async () => {
  await operations.claim('declining', 60_000);
  await operations.release('declining', 1, true);
  expect(await operations.claim('declining', 60_000)).toMatchObject({ state: 'new', attempt: 2 });
  await operations.release('declining', 2, false);
  expect(await operations.claim('declining', 60_000)).toMatchObject({ state: 'again', attempt: 3 });
  await operations.release('declining', 3, true);
  expect(await operations.claim('declining', 60_000)).toMatchObject({ state: 'again', attempt: 4 });
});

test('what is done stays done: the first result is the answer to every later claim', async () => {
  await operations.claim('done', 60_000);
  await operations.settle('done', { pid: 7, text: 'a\0b' });
  await operations.settle('done', { pid: 8 });
  await operations.release('done', 1, true);
  expect(await operations.claim('done', 1)).toEqual({
    state: 'done',
    result: { pid: 7, text: 'a\uFFFDb' },
  });
  await operations.claim('nothing', 60_000);
  await operations.settle('nothing', null);
  expect(await operations.claim('nothing', 1)).toEqual({ state: 'done', result: null });
});

test('nothing is settled that nobody claimed', async () => {
  await expect(operations.settle('never', 1)).rejects.toThrow('operation never was never claimed');
});

const asks = { actionClass: 'restart' };
const turning = { by: 'ana', why: 'fire drill' };

test('nothing that asks is begun while a stop covers it; an undo does not ask', async () => {
  await stop(database.db, 'class:restart', turning);
  expect(await operations.claim('stopped/step', 60_000, asks)).toEqual({
    state: 'stopped',
    why: 'ana stopped class:restart: fire drill',
    touched: false,
  });
  expect(await operations.claim('stopped/step/undo', 60_000)).toMatchObject({ state: 'new' });
  expect(await operations.claim('other/step', 60_000, { actionClass: 'scale' })).toMatchObject({
    state: 'new',
  });
  await resume(database.db, 'class:restart', turning);
  expect(await operations.claim('stopped/step', 60_000, asks)).toMatchObject({ state: 'new' });
});

test('a stop covers what the run is about', async () => {
  await sql`
    INSERT INTO runs (run, runbook, service, environment, trigger, alert, state)
    VALUES ('r1', 'restart-service', 'shop', 'demo', 'alert', '{}', 'performing')`.execute(
    database.db,
  );
  for (const scope of [
    'everything',
    'service:shop',
    'environment:demo',
    'runbook:restart-service',
  ]) {
    await stop(database.db, scope, turning);
    expect(await operations.claim(`r1/${scope}`, 60_000, asks)).toMatchObject({ state: 'stopped' });
    await resume(database.db, scope, turning);
  }
  await stop(database.db, 'service:cart', turning);
  expect(await operations.claim('r1/step', 60_000, asks)).toMatchObject({ state: 'new' });
  await resume(database.db, 'service:cart', turning);
});

test('with a stop on, what is done stays done, what is at work is waited for, what was begun is told', async () => {
  await operations.claim('r2/done', 60_000, asks);
  await operations.settle('r2/done', 'so');
  await operations.claim('r2/at-work', 60_000, asks);
  await operations.claim('r2/begun', 60_000, asks);
  await operations.release('r2/begun', 1, false);
  await stop(database.db, 'everything', turning);
  expect(await operations.claim('r2/done', 1, asks)).toEqual({ state: 'done', result: 'so' });
  expect(await operations.claim('r2/at-work', 1, asks)).toMatchObject({ state: 'busy' });
  expect(await operations.claim('r2/begun', 1, asks)).toMatchObject({
    state: 'stopped',
    touched: true,
  });
  await resume(database.db, 'everything', turning);
});
