/**
 * Hostile bodies at every sender, and hostile connections at the server: a clear 4xx with a place, nothing written,
 * nobody else held up, no more memory than there is room for.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { alertmanager } from '../../activities/senders/alertmanager.js';
import { senders } from '../../activities/senders/index.js';
import { decodeJson } from '../../activities/senders/json.js';
import { jsonBounds } from '../../activities/senders/json-scan.js';
import { linkOf } from '../../activities/senders/normal.js';
import { createAuthentication } from '../../workers/intake/authentication.js';
import { bodyBytesMax, createRoom, readBody } from '../../workers/intake/body.js';
import type { Room } from '../../workers/intake/body.js';
import { createInstruments } from '../../workers/intake/instruments.js';
import { bearer } from '../../workers/intake/schemes/bearer.js';
import { createServer } from '../../workers/intake/server.js';
import { startIntake } from '../../workers/intake.js';
import type { Intake } from '../../workers/intake.js';
import { createMetrics } from '../../workers/metrics.js';
import { openTestDatabase } from '../support/database.js';
import type { TestDatabase } from '../support/database.js';
import {
  eventually,
  groupOf,
  nobodyThere,
  post,
  quietLog,
  rowsOf,
  settingsFor,
  token,
} from '../support/intake.js';

/** Where and what, or that it was taken. */
function flawOf(body: string | Buffer): string {
  const decoded = decodeJson(Buffer.from(body));
  return decoded.ok ? 'taken' : `${decoded.problem.path}: ${decoded.problem.problem}`;
}

const names = (count: number): string =>
  `{${Array.from({ length: count }, (_, at) => `"${at.toString(36)}":0`).join(',')}}`;
const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

describe('a body is refused with its place', () => {
  test.each([
    ['nesting', `{"a":{"b":${nested(63)}}}`, `a.b${'[0]'.repeat(62)}: is nested deeper than 64`],
    ['masses of names', names(50_001), '12kw: the body has more than 50000 names'],
    [
      'masses of items',
      `{"a":[${'0,'.repeat(50_001)}0]}`,
      'a[50000]: the body has more than 50000',
    ],
    ['__proto__', '{"a":[{},{"__proto__":1}]}', 'a[1].__proto__: is a name that is not taken'],
    ['constructor', '{"constructor":{}}', 'constructor: is a name that is not taken'],
    ['prototype', '{"a":{"prototype":{}}}', 'a.prototype: is a name that is not taken'],
    ['an escaped __proto__', '{"\\u005f_proto__":1}', 'is a name that is not taken'],
    ['a name twice', '{"a":{"b":1,"c":[],"b":2}}', 'a.b: is there twice'],
    ['a name twice, once escaped', '{"b":1,"\\u0062":2}', '\\u0062: is there twice'],
    ['a name twice among many', names(100).replace('"2r"', '"3"'), '3: is there twice'],
    ['a number too large', '{"a":[1,-1e999]}', 'a[1]: is a number too large'],
    ['a number too long', `{"a":${'1'.repeat(129)}}`, 'a: is a number of more than 128'],
    ['a NUL byte', '{"a":"\0"}', 'the body has a NUL at character 6'],
    ['no UTF-8', Buffer.from('7b2261223a22fff0227d', 'hex'), 'the body is not UTF-8 at byte 6'],
    ['no UTF-8 behind a replacement character', Buffer.from('22efbfbdc328', 'hex'), 'at byte 4'],
    ['half a character', Buffer.from('2261e282', 'hex'), 'the body is not UTF-8 at byte 2'],
    ['no JSON', '{"a":1,}', 'the body is not JSON'],
    ['an end too early', '{"a":"\\', 'the body is not JSON'],
  ])('%s', (_what, body, says) => {
    expect(flawOf(body)).toContain(says);
  });

  test('every sender refuses them, with a fix', () => {
    for (const { parse } of senders) {
      for (const body of ['{"__proto__":1}', '{"a":1,"a":1}', nested(65), '{"a":1e999}']) {
        const parsed = parse(Buffer.from(body));
        if (parsed.kind !== 'wrong') throw new Error(`${body} is ${parsed.kind}`);
        expect(parsed.problems[0]?.fix).toMatch(/\S/);
      }
    }
  });
});

describe('a body is taken', () => {
  test.each([
    ['as deep as may be', `{"a":${nested(63)}}`],
    ['with as many names as may be', names(jsonBounds.namesMax)],
    ['the same name in other objects', '{"a":{"a":1},"b":[{"a":1},{"a":1}]}'],
    ['names that are almost the same', '{"Aa":1,"BB":2,"C#":3,"a\\"":4,"a\\\\":5}'],
    ['names of refused ones in values', '{"a":"__proto__","b":["constructor"]}'],
    ['quotes and braces in texts', '{"a":"{\\"a\\":[[[\\\\","b":"\\\\\\""}'],
    ['nanoseconds', '{"a":1795222800000000000,"b":-1.5e300}'],
    ['a byte order mark', '\ufeff{"a":1}'],
    ['NUL and half a pair as escapes', '{"a":"\\u0000\\ud800"}'],
  ])('%s', (_what, body) => {
    expect(flawOf(body)).toBe('taken');
  });

  test('whatever JSON has no such name, and as what it says', () => {
    const refused = ['__proto__', 'constructor', 'prototype'];
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, undefined, indent);
        fc.pre(!refused.some((name) => text.includes(`"${name}":`)));
        expect(decodeJson(text)).toEqual({ ok: true, value: JSON.parse(text) as unknown });
      }),
      { numRuns: 1_000 },
    );
  });

  test('only without a name twice, whatever the names are', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 60 }), (all) => {
        const members = all.filter((name) => !/^(__proto__|constructor|prototype)$/.test(name));
        const text = members.map((name) => `${JSON.stringify(name)}:0`);
        fc.pre(text.length > 0);
        expect(flawOf(`{${text.join(',')}}`)).toBe('taken');
        expect(flawOf(`{${[...text, text[0]].join(',')}}`)).toContain('is there twice');
      }),
      { numRuns: 300 },
    );
  });

  test('or refused, but never thrown at', () => {
    const bytes = fc.string({ unit: fc.constantFrom(...'{}[]",:\\0e-u \n') });
    fc.assert(
      fc.property(bytes, (text) => {
        const decoded = decodeJson(text);
        expect(decoded.ok || decoded.problem.fix !== '').toBe(true);
        if (decoded.ok) expect(JSON.parse(text)).toEqual(decoded.value);
      }),
      { numRuns: 2_000 },
    );
  });
});

test('a link has neither NUL nor half of a pair, not even where it was cut', () => {
  expect(linkOf('https://x/\0\ud800y')).toBe('https://x/\ufffd\ufffdy');
  const cut = linkOf(`https://x/${'a'.repeat(2_037)}\u{1f600}`);
  expect(cut).toHaveLength(2_048);
  expect(cut).not.toMatch(/\p{Surrogate}/u);
});

describe('the room for bodies', () => {
  const bytes = (length: number): Readable => Readable.from([Buffer.alloc(length)]);

  test('one that does not fit beside the others is turned away and takes up nothing', async () => {
    const room = createRoom(100);
    const first = room.hold();
    await expect(readBody(bytes(60), first)).resolves.toHaveLength(60);
    await expect(readBody(bytes(60), room.hold())).rejects.toMatchObject({ why: 'overloaded' });
    expect(room.takenBytes()).toBe(60);
    first.release();
    first.release();
    expect(room.takenBytes()).toBe(0);
    await expect(readBody(bytes(60), room.hold())).resolves.toHaveLength(60);
  });

  test('one that is too large is a 413 and takes up nothing', async () => {
    const room = createRoom();
    const hold = room.hold();
    const parts = Readable.from([Buffer.alloc(bodyBytesMax), Buffer.alloc(1)]);
    await expect(readBody(parts, hold)).rejects.toMatchObject({ status: 413 });
    expect(room.takenBytes()).toBe(0);
  });
});

describe('bodies beyond the room', () => {
  const body = JSON.stringify(groupOf({ fingerprint: 'a' }));

  test('get 503 and Retry-After while others wait for their commit, and are taken in after', async () => {
    const room = createRoom(body.length * 2 - 1);
    const commits: (() => void)[] = [];
    const { url, close } = await listening(room, () => new Promise((done) => commits.push(done)));
    const first = post(url, body);
    await eventually(
      () => Promise.resolve(commits.length),
      (waiting) => waiting === 1,
    );
    const second = await post(url, body);
    expect(second).toMatchObject({
      status: 503,
      body: { error: 'too many bodies are being taken in' },
    });
    expect(Number(second.headers.get('retry-after'))).toBeGreaterThan(0);
    commits.shift()?.();
    expect((await first).status).toBe(202);
    const third = post(url, body);
    await eventually(
      () => Promise.resolve(commits.length),
      (waiting) => waiting === 1,
    );
    commits.shift()?.();
    expect((await third).status).toBe(202);
    await eventually(
      () => Promise.resolve(room.takenBytes()),
      (bytes) => bytes === 0,
    );
    await close();
  });

  test('a sender that goes away in the middle of its body gives its place back', async () => {
    const room = createRoom();
    const { url, close } = await listening(room, () => Promise.resolve());
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => {
      socket.write(`${headOf(9_999)}${'x'.repeat(500)}`);
    });
    await eventually(
      () => Promise.resolve(room.takenBytes()),
      (bytes) => bytes === 500,
    );
    socket.destroy();
    await eventually(
      () => Promise.resolve(room.takenBytes()),
      (bytes) => bytes === 0,
    );
    await close();
  });
});

/** The server alone, with one door. */
async function listening(
  room: Room,
  commit: () => Promise<void>,
): Promise<{ url: string; close: () => Promise<void> }> {
  const metrics = createMetrics('test');
  const authentication = createAuthentication([{ scheme: bearer, secrets: [token] }]);
  const server = createServer({
    doors: [{ sender: alertmanager, authentication }],
    closed: {},
    tls: null,
    room,
    commit,
    keep: () => Promise.reject(new Error('nothing is kept here')),
    unready: () => Promise.resolve(null),
    wrongSecrets: { seen: () => undefined },
    instruments: createInstruments(metrics),
    metricsText: () => metrics.text(),
    log: quietLog(),
  });
  const url = await server.listen({ host: '127.0.0.1', port: 0 });
  return { url, close: async () => server.close() };
}

function headOf(length: number): string {
  return (
    'POST /v1/alerts/alertmanager HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n' +
    `Authorization: Bearer ${token}\r\nContent-Length: ${length}\r\n\r\n`
  );
}

describe('the server', () => {
  let database: TestDatabase;
  let intake: Intake;

  beforeAll(async () => {
    database = await openTestDatabase();
    const settings = settingsFor({ databaseUrl: database.url });
    intake = await startIntake({ settings, log: quietLog(), runs: nobodyThere });
    const look = async (): Promise<number> => (await fetch(`${intake.url}/readyz`)).status;
    await eventually(look, (status) => status === 200);
  });

  afterAll(async () => {
    await intake.stop();
    await database.close();
  });

  test.each([
    ['duplicate names', '{"version":"4","version":"4"}', 'version: is there twice'],
    ['__proto__', '{"__proto__":{}}', '__proto__: is a name'],
    ['a hundred thousand names', names(100_000), 'more than 50000 names'],
    ['nesting', nested(100_000), 'nested deeper'],
    ['a NUL byte', '{\0}', 'NUL at character 1'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'not UTF-8 at byte 1'],
  ])('%s: 400 with the place, nothing written', async (_what, body, says) => {
    const answer = await post(intake.url, body);
    expect(answer).toMatchObject({ status: 400, body: { fix: expect.stringMatching(/\S/) } });
    expect(answer.body['error']).toContain(says);
    expect(await rowsOf(database.db)).toEqual([]);
  });

  test('200 slow connections are closed in time and hold up nobody', async () => {
    const startedMs = Date.now();
    const slow = Array.from({ length: 200 }, (_, at) => slowConnection(intake.url, at % 3));
    let slowestMs = 0;
    for (let sent = 0; sent < 20; sent += 1) {
      const beganMs = Date.now();
      const answer = await post(intake.url, groupOf({ fingerprint: `f${sent}` }));
      slowestMs = Math.max(slowestMs, Date.now() - beganMs);
      expect(answer.status).toBe(202);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(slowestMs).toBeLessThan(2_000);
    const lastedMs = await Promise.all(slow);
    expect(Date.now() - startedMs).toBeGreaterThan(4_000); // they were slow, not refused
    expect(Math.max(...lastedMs)).toBeLessThan(14_000); // 10 s for a request, and a look each second
  }, 40_000);
});

/** A header without end, a body without end, or nothing at all; resolves with how long it was let stay, in milliseconds. */
function slowConnection(url: string, kind: number): Promise<number> {
  const { hostname, port } = new URL(url);
  const startedMs = Date.now();
  const begins =
    ['POST /v1/alerts/alertmanager HTTP/1.1\r\nHost: x\r\n', headOf(9_999), ''][kind] ?? '';
  const drips = ['X-Slow: 1\r\n', ' ', ''][kind] ?? '';
  return new Promise((resolve) => {
    const socket: Socket = connect(Number(port), hostname, () => socket.write(begins));
    const timer = setInterval(() => void (drips === '' || socket.write(drips)), 500);
    socket.on('error', () => undefined);
    socket.on('data', () => undefined);
    socket.on('close', () => {
      clearInterval(timer);
      resolve(Date.now() - startedMs);
    });
  });
}
