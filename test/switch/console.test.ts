/** The switch in a browser: the page tells what is stopped and turns it, for whoever shows a token, and for no other site. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { openDb } from '../../activities/store/db.js';
import { listSwitches } from '../../activities/store/read.js';
import { setResumeRules } from '../../activities/store/resume.js';
import type { FileOrders } from '../../activities/store/stop-file.js';
import { addSwitchConsole } from '../../workers/switch/console.js';
import { parseResumeRules } from '../../workers/switch/policy.js';
import { readSwitchTokens } from '../../workers/switch/tokens.js';
import { known, type Known } from '../../workflows/domain/verdict.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { serveSwitch } from '../support/switch-server.js';

const ana = 'a'.repeat(32);
const ben = 'b'.repeat(32);
let database: TestDatabase;
let page: { url: string; stop(): Promise<void> };
let file: Known<FileOrders> = known([]);

beforeAll(async () => {
  database = await openTestDatabase();
  page = await serve(database.db, `ana:${ana},ben:${ben}`);
});
afterAll(async () => {
  await page.stop();
  await database.close();
});
beforeEach(async () => {
  file = known([]);
  await sql`DELETE FROM switches`.execute(database.db);
  await setResumeRules(database.db, {});
});

function serve(db: TestDatabase['db'], people: string): ReturnType<typeof serveSwitch> {
  const tokens = readSwitchTokens({ BELAY_SWITCH_TOKENS: people }, []);
  return serveSwitch(addSwitchConsole, { db, tokens, fileOrders: () => file });
}

interface Asked {
  readonly token?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly from?: string;
  readonly at?: string;
}

interface Seen {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** As a browser asks, which does not follow by itself here. */
async function seen(path: string, { token, form, from, at = page.url }: Asked = {}): Promise<Seen> {
  const basic = Buffer.from(`whoever:${token ?? ''}`).toString('base64');
  const response = await fetch(`${at}${path}`, {
    method: form === undefined ? 'GET' : 'POST',
    redirect: 'manual',
    headers: {
      ...(token === undefined ? {} : { authorization: `Basic ${basic}` }),
      ...(form === undefined ? {} : { origin: from ?? at }),
    },
    ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

const stopShop = { scope: 'service:shop', why: 'wrong <restarts>' };

describe('the page of the switch', () => {
  test('says that nothing is stopped', async () => {
    const { status, text, headers } = await seen('/switch', { token: ana });
    expect(status).toBe(200);
    expect(text).toContain('Nothing is stopped.');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(text).not.toMatch(/<script|javascript:/i);
  });

  test('stops in the name of the token, goes back to the page, and shows it there with every character as text', async () => {
    const { status, headers } = await seen('/switch/stop', { token: ana, form: stopShop });
    expect({ status, to: headers.get('location') }).toEqual({ status: 303, to: '/switch' });
    const [row] = await listSwitches(database.db);
    expect(row).toMatchObject({ scope: 'service:shop', by: 'ana', why: 'wrong <restarts>' });
    const { text } = await seen('/switch', { token: ben });
    expect(text).toContain('<strong>Stopped:</strong> service:shop');
    expect(text).toContain('wrong &lt;restarts&gt;');
  });

  test('resumes, and with a rule of two says who asked and waits for another', async () => {
    const rules = 'version: 1\nresume: { scopes: { "service:shop": { approvalsMin: 2 } } }\n';
    await setResumeRules(database.db, parseResumeRules(rules, 'switch.yaml'));
    await seen('/switch/stop', { token: ana, form: stopShop });
    const again = { scope: 'service:shop', why: 'mended' };
    await seen('/switch/resume', { token: ana, form: again });
    expect((await seen('/switch', { token: ana })).text).toContain(
      'Asked to resume: ana (mended); others must too.',
    );
    await seen('/switch/resume', { token: ben, form: again });
    expect(await listSwitches(database.db)).toEqual([]);
  });

  test.each([
    ['a scope that is none', 'stop', { scope: 'shop', why: 'x' }, 400, 'everything'],
    [
      'a resume of what is not stopped',
      'resume',
      { scope: 'everything', why: 'x' },
      409,
      'is not stopped',
    ],
    ['a field too many', 'stop', { scope: 'everything', why: 'x', by: 'ben' }, 400, 'by'],
  ])('says what is wrong with %s', async (_, turn, form, code, says) => {
    const { status, text } = await seen(`/switch/${turn}`, { token: ana, form });
    expect(status).toBe(code);
    expect(/role="alert">([^<]*)/.exec(text)?.[1]).toContain(says);
    expect(await listSwitches(database.db)).toEqual([]);
  });

  test.each([
    ['another site', 'https://evil.example'],
    ['nowhere', 'null'],
  ])('turns nothing for a form of %s', async (_, from) => {
    const { status } = await seen('/switch/stop', { token: ana, form: stopShop, from });
    expect(status).toBe(403);
    expect(await listSwitches(database.db)).toEqual([]);
  });

  test.each([
    ['nobody', undefined],
    ['a wrong token', 'c'.repeat(32)],
    ['no token at all', ''],
  ])('shows nothing to %s and turns nothing', async (_, token) => {
    const who = token === undefined ? {} : { token };
    const { status, headers, text } = await seen('/switch', who);
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toContain('Basic');
    expect(text).not.toContain('stopped');
    expect((await seen('/switch/stop', { ...who, form: stopShop })).status).toBe(401);
    expect(await listSwitches(database.db)).toEqual([]);
  });

  test('shows what a file stops, and a file that cannot be read as stopped', async () => {
    file = known([{ scope: 'class:restart', by: 'a file', why: 'the file says so' }]);
    expect((await seen('/switch', { token: ana })).text).toMatch(/Stopped:.*class:restart/);
    file = { known: false, why: 'the stop file cannot be read' };
    expect((await seen('/switch', { token: ana })).text).toMatch(/Stopped:.*everything/);
  });

  test('says that everything counts as stopped when the database is away', async () => {
    const away = openDb({ url: 'postgres://127.0.0.1:1/none' });
    const alone = await serve(away, `ana:${ana}`);
    try {
      const { status, text } = await seen('/switch', { token: ana, at: alone.url });
      expect(status).toBe(503);
      expect(text).toContain('everything counts as stopped');
    } finally {
      await alone.stop();
      await away.destroy();
    }
  });

  test('is not there without tokens', async () => {
    const shut = await serve(database.db, '');
    try {
      expect((await seen('/switch', { token: ana, at: shut.url })).status).toBe(404);
    } finally {
      await shut.stop();
    }
  });
});
