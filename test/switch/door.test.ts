/** The switch over HTTP: who shows a token of theirs turns it in their own name; reading turns nothing. On a real PostgreSQL. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { listSwitches } from '../../activities/store/read.js';
import { setResumeRules } from '../../activities/store/resume.js';
import { addSwitchDoor } from '../../workers/switch/door.js';
import { parseResumeRules } from '../../workers/switch/policy.js';
import { readSwitchTokens } from '../../workers/switch/tokens.js';
import { minutes } from '../../workflows/domain/time.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { serveSwitch } from '../support/switch-server.js';

const ana = 'a'.repeat(32);
const ben = 'b'.repeat(32);
let database: TestDatabase;
let health: { url: string; stop(): Promise<void> };

beforeAll(async () => {
  database = await openTestDatabase();
  health = await serve(readSwitchTokens({ BELAY_SWITCH_TOKENS: `ana:${ana},ben:${ben}` }, []));
});
afterAll(async () => {
  await health.stop();
  await database.close();
});
beforeEach(async () => {
  await sql`DELETE FROM switches`.execute(database.db);
  await setResumeRules(database.db, {});
});

function serve(tokens: ReturnType<typeof readSwitchTokens>) {
  return serveSwitch(addSwitchDoor, { db: database.db, tokens });
}

interface Sent {
  readonly path: string;
  readonly token?: string;
  readonly body?: unknown;
}

async function sent({ path, token, body }: Sent): Promise<{ status: number; answer: unknown }> {
  const response = await fetch(`${health.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, answer: await response.json() };
}

const stopShop = { path: '/v1/stop', body: { scope: 'service:shop', why: 'wrong restarts' } };

describe('the door of the switch', () => {
  test('stops in the name of whose token it is, and shows what is stopped', async () => {
    expect(await sent({ ...stopShop, token: ana })).toMatchObject({
      status: 200,
      answer: { state: 'stopped', by: 'ana' },
    });
    expect(await sent({ path: '/v1/switch', token: ben })).toMatchObject({
      status: 200,
      answer: { stopped: [{ scope: 'service:shop', by: 'ana', why: 'wrong restarts' }] },
    });
  });

  test('stops everything when nothing is said but stop', async () => {
    await sent({ path: '/v1/stop', token: ana, body: {} });
    expect(await listSwitches(database.db)).toMatchObject([{ scope: 'everything', by: 'ana' }]);
  });

  test.each([
    ['no token', undefined],
    ['a token of nobody', 'c'.repeat(32)],
    ['the person and the token', `ana:${ana}`],
    ['the beginning of one', ana.slice(0, 31)],
  ])('lets nobody in with %s, and turns nothing', async (_, token) => {
    const shown = token === undefined ? {} : { token };
    expect((await sent({ ...stopShop, ...shown })).status).toBe(401);
    expect((await sent({ path: '/v1/switch', ...shown })).status).toBe(401);
    expect(await listSwitches(database.db)).toEqual([]);
  });

  test('never turns at a GET: links and crawlers decide nothing', async () => {
    for (const path of ['/v1/stop', '/v1/resume', '/v1/stop?scope=everything'])
      expect((await sent({ path, token: ana })).status).toBe(404);
    expect(await listSwitches(database.db)).toEqual([]);
  });

  test.each([
    ['a scope that is none', { scope: 'servce:shop' }, 'is no scope'],
    ['a field nobody knows, such as another name', { by: 'ben' }, 'by'],
  ])('answers 400 to %s', async (_, body, says) => {
    const { status, answer } = await sent({ path: '/v1/stop', token: ana, body });
    expect(status).toBe(400);
    expect(JSON.stringify(answer)).toContain(says);
    expect(await listSwitches(database.db)).toEqual([]);
  });

  test('where two must resume the first gets 202 and the second 200; what is not stopped gets 409', async () => {
    await setResumeRules(database.db, { '*': { approvalsMin: 2, withinMs: minutes(15) } });
    await sent({ ...stopShop, token: ana });
    const resumed = { path: '/v1/resume', body: stopShop.body };
    expect(await sent({ ...resumed, token: ana })).toMatchObject({
      status: 202,
      answer: { state: 'asked' },
    });
    expect(await sent({ ...resumed, token: ana })).toMatchObject({ status: 202 });
    expect(await sent({ ...resumed, token: ben })).toMatchObject({
      status: 200,
      answer: { state: 'resumed', people: ['ana', 'ben'] },
    });
    expect((await sent({ ...resumed, token: ben })).status).toBe(409);
  });

  test('is not there without tokens', async () => {
    const closed = await serve([]);
    const response = await fetch(`${closed.url}/v1/switch`);
    expect(response.status).toBe(404);
    await closed.stop();
  });
});

describe('the settings of the switch', () => {
  test.each([
    ['a token that is too short', `ana:${'a'.repeat(23)}`],
    ['a token of no person', ana],
    ['one token of two people', `ana:${ana},ben:${ana}`],
  ])('name the setting and not the value of %s', (_, value) => {
    const problems: string[] = [];
    readSwitchTokens({ BELAY_SWITCH_TOKENS: value }, problems);
    expect(problems.join()).toContain('BELAY_SWITCH_TOKENS is not usable: ');
    expect(problems.join()).not.toContain('aaaa');
  });

  test('a policy of the switch says how many resume, for all and for some', () => {
    const text =
      'version: 1\nresume:\n  approvalsMin: 2\n  scopes: { service:shop: { approvalsMin: 1 } }';
    expect(parseResumeRules(text, 'switch.yaml')).toEqual({
      '*': { approvalsMin: 2, withinMs: minutes(15) },
      'service:shop': { approvalsMin: 1, withinMs: minutes(15) },
    });
    expect(parseResumeRules('version: 1', 'switch.yaml')).toEqual({});
  });

  test.each([
    [
      'resume:\n  approvalsMin: none',
      'switch.yaml:3: resume.approvalsMin: give a number of people',
    ],
    ['resume:\n  approvalsMin: 0', 'switch.yaml:3: resume.approvalsMin'],
    ['resume:\n  scopes:\n    shop: { approvalsMin: 2 }', 'switch.yaml:4: resume.scopes.shop'],
    ['resumes: {}', 'switch.yaml:1: the file'],
    ['resume: [', 'switch.yaml:2: '],
  ])('a wrong one names file and line: %s', (rest, says) => {
    expect(() => parseResumeRules(`version: 1\n${rest}`, 'switch.yaml')).toThrow(says);
  });
});
