/** Notices reach every channel, once where it answers, and again until it does, over a real HTTP server. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { logChannel, type Log } from '../../activities/notify/channel.js';
import { createNotifier, type NotifierOptions } from '../../activities/notify/notifier.js';
import { webhookChannel } from '../../activities/notify/webhook.js';
import { noGuards } from '../../activities/guards/source.js';
import { createTablePolicy } from '../../activities/policy/source.js';
import { listen } from '../../activities/store/db.js';
import { createOutbox } from '../../activities/store/outbox.js';
import { noticesChannel } from '../../activities/store/pages.js';
import { listNotices } from '../../activities/store/read.js';
import { createStore } from '../../activities/store/store.js';
import type { Notice } from '../../workflows/domain/entry.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { entry, policyTable, refOf } from './contract/fixture.js';

interface Got {
  readonly key: string | undefined;
  readonly body: Record<string, unknown>;
}

let database: TestDatabase;
let server: Server;
let url = '';
let got: Got[] = [];
let answer: (nth: number) => number = () => 200;
beforeAll(async () => {
  database = await openTestDatabase();
  server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    request.on('end', () => {
      got.push({
        key: request.headers['idempotency-key']?.toString(),
        body: JSON.parse(text) as Got['body'],
      });
      response.writeHead(answer(got.length), { location: '/elsewhere' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?token=hunter2`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await database.close();
});

let logged: [fields: object, says: string][] = [];
const log: Log = {
  info: (fields, says) => void logged.push([fields, says]),
  warn: (fields, says) => void logged.push([fields, says]),
};
let stopping: AbortController;
let running: Promise<void>[] = [];
beforeEach(() => {
  stopping = new AbortController();
  [got, logged, running, answer] = [[], [], [], () => 200];
});
afterEach(async () => {
  stopping.abort();
  await Promise.all(running);
});

function start(also: Partial<NotifierOptions> = {}): void {
  const outbox = createOutbox(database.db);
  const channels = [logChannel(log), webhookChannel({ url, timeoutMs: 500 })];
  running.push(
    createNotifier({ outbox, channels, log, everyMs: 20, retryMs: 20, ...also }).run(
      stopping.signal,
    ),
  );
}

function tell(run: string, also: Partial<Notice> = {}): Promise<unknown> {
  const policy = createTablePolicy(policyTable, 'd');
  const store = createStore({ db: database.db, policy, guards: noGuards, digestOf: () => 'd' });
  const notice: Notice = {
    to: 'on-call',
    urgency: 'page',
    title: `about ${run}`,
    text: 'look',
    ...also,
  };
  return store.record({ ...refOf(run), entries: [entry(run)], notices: [notice] });
}

async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpMs = Date.now() + 5000;
  while (!(await what())) {
    if (Date.now() > giveUpMs) throw new Error('it did not come within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const delivered = async (run: string) =>
  (await listNotices(database.db, { run }))[0]?.delivered_at instanceof Date;

test('is delivered once by each channel although the webhook failed first, under one key', async () => {
  answer = (nth) => (nth <= 2 ? 503 : 204);
  start();
  await tell('r1');
  await until(() => delivered('r1'));
  expect(got).toHaveLength(3);
  expect(new Set(got.map(({ key }) => key)).size).toBe(1);
  expect(got[2]?.body).toMatchObject({
    run: 'r1',
    to: 'on-call',
    urgency: 'page',
    title: 'about r1',
    text: 'look',
  });
  expect(logged.filter(([, says]) => says === 'about r1')).toHaveLength(1);
  expect(JSON.stringify(logged)).toContain('the webhook answered 503');
  expect(JSON.stringify(logged)).not.toContain('hunter2');
});

test('several deliverers share the notices: none is delivered twice', async () => {
  for (let nth = 0; nth < 4; nth += 1) start();
  await Promise.all(Array.from({ length: 30 }, (_, at) => tell(`shared-${at}`)));
  await until(() => got.length >= 30);
  await new Promise((resolve) => setTimeout(resolve, 60));
  expect(new Set(got.map(({ key }) => key)).size).toBe(30);
  expect(got).toHaveLength(30);
});

test('a redirect is not followed and counts as not taken; the address is in no error', async () => {
  answer = (nth) => (nth === 1 ? 307 : 200);
  start();
  await tell('moved');
  await until(() => delivered('moved'));
  expect(JSON.stringify(logged)).toContain('the webhook answered 307');
  const dead = webhookChannel({ url: 'http://127.0.0.1:9/?token=hunter2' });
  const letter = {
    id: 'i',
    run: 'r',
    to: 't',
    urgency: 'tell',
    title: 't',
    text: 't',
    createdAtMs: 0,
  } as const;
  const tried = dead.deliver(letter, AbortSignal.timeout(1000));
  await expect(tried).rejects.toThrow(/^the webhook could not be reached: [A-Za-z ]+$/);
});

test('is woken by the store at once, and polls when it cannot be', async () => {
  const { url: databaseUrl } = database;
  const wakes = (onNotice: () => void) =>
    listen({ url: databaseUrl, channel: noticesChannel, onNotice, onLost: () => undefined });
  start({ everyMs: 60_000, wakes });
  await new Promise((resolve) => setTimeout(resolve, 200));
  await tell('woken');
  await until(() => delivered('woken'));
  stopping.abort();
  await Promise.all(running);
  stopping = new AbortController();
  start({ wakes: () => Promise.reject(new Error('no connection')) });
  await tell('polled');
  await until(() => delivered('polled'));
});
