/**
 * `belay inbox` on a real PostgreSQL: what it lists and shows, and what replaying and dropping leave behind. And `belay
 * parse` for every sender.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { senders } from '../../activities/senders/index.js';
import { createDeadLetters } from '../../activities/store/dead-letters.js';
import { createInbox } from '../../activities/store/inbox.js';
import type { InboxState } from '../../activities/store/schema.js';
import type { Alert } from '../../workflows/domain/alert.js';
import { openTestDatabase } from '../support/database.js';
import type { TestDatabase } from '../support/database.js';
import { emptied } from '../support/intake.js';
import { belay, documentOf } from './recorded-terminal.js';

let database: TestDatabase;
let env: Record<string, string>;

beforeAll(async () => {
  database = await openTestDatabase();
  env = { DATABASE_URL: database.url, BELAY_PERSON: 'ann' };
});

afterAll(() => database.close());

beforeEach(async () => {
  await emptied(database.db);
  await sql`DELETE FROM dead_letters`.execute(database.db);
});

const alertNamed = (name: string): Alert => ({
  ...{ source: 'alertmanager', fingerprint: name, name, status: 'firing', severity: 'page' },
  ...{ startsAt: '2026-11-21T01:03:41Z', endsAt: null, service: 'shop', environment: 'production' },
  ...{ labels: {}, annotations: {}, link: null },
});

/** A row in this state; its id as people type it. */
async function rowIn(state: InboxState, name: string): Promise<string> {
  const [row] = await createInbox(database.db).add([alertNamed(name)]);
  if (row === undefined) throw new Error('no row');
  await sql`
    UPDATE inbox SET state = ${state}, attempts = 20, why = 'the server said no' WHERE id = ${row.id}`.execute(
    database.db,
  );
  return String(row.id);
}

async function letterOf(
  source: string,
  text: string,
  headers: Record<string, string> = {},
): Promise<string> {
  const store = createDeadLetters(database.db, { onLost: () => undefined });
  const { id } = await store.keep({ source, why: 'unknown', headers, body: Buffer.from(text) });
  return `d${id}`;
}

const bodyIn = (name: string): string => readFileSync(`test/intake/bodies/${name}.json`, 'utf8');

async function statesOf(): Promise<string[]> {
  const rows = await database.db
    .selectFrom('inbox')
    .select(['fingerprint', 'state', 'attempts'])
    .orderBy('id')
    .execute();
  return rows.map((row) => `${row.fingerprint} ${row.state} ${row.attempts}`);
}

async function lastLine() {
  const lines = database.db.selectFrom('ledger').select(['kind', 'actor', 'says', 'detail']);
  return lines.orderBy('seq', 'desc').executeTakeFirst();
}

describe('the list', () => {
  test('says that nothing waits', async () => {
    expect(await belay(['inbox'], { env })).toEqual({
      exit: 0,
      err: '',
      out: 'nothing waits for anybody\n',
    });
  });

  test('has what waits, was given up, found no runbook and was not understood', async () => {
    const ids = [
      await rowIn('pending', 'Waits'),
      await rowIn('dead', 'GivenUp'),
      await rowIn('unmatched', 'NoRunbook'),
      await letterOf('generic', '{"a":1}'),
    ];
    await rowIn('dispatched', 'Done');
    await rowIn('dropped', 'Gone');
    const { out } = await belay(['inbox'], { env });
    const [waits, , givenUp, , unmatched, , letter] = out.split('\n');
    expect([waits, givenUp, unmatched, letter]).toEqual([
      'Waiting to be delivered: 1',
      'Given up: 1',
      'Found no runbook: 1',
      'Not understood: 1',
    ]);
    for (const id of ids) expect(out).toMatch(new RegExp(`^  ${id}  `, 'm'));
    expect(out).not.toMatch(/Done|Gone/);
  });

  test('is one JSON document with totals, cut where asked', async () => {
    const ids = [await rowIn('dead', 'A'), await rowIn('dead', 'B')];
    const letter = await letterOf('generic', '{"a":1}');
    const listed = documentOf(await belay(['inbox', '--json', '--limit', '1'], { env }));
    expect(listed).toMatchObject({
      v: 1,
      pending: { total: 0, rows: [] },
      dead: { total: 2, rows: [{ id: ids[1], alert: 'B', state: 'dead' }] },
      deadLetters: { total: 1, rows: [{ id: letter, source: 'generic', count: 1, bytes: 7 }] },
    });
    expect((await belay(['inbox', '--limit', '1'], { env })).out).toContain('and 1 more');
  });
});

describe('show', () => {
  test('prints a letter with its body, and a row with its alert', async () => {
    const letter = await letterOf('generic', '{"a":"\u001b[2J"}', { 'ce-id': '7' });
    const shown = await belay(['inbox', 'show', letter], { env });
    expect(shown.out).toContain('why          unknown\n');
    expect(shown.out).toContain('{"a":"\ufffd[2J"}\n');
    const document = documentOf(await belay(['inbox', 'show', letter, '--json'], { env }));
    expect(document).toMatchObject({
      ...{ id: letter, encoding: 'utf8', body: '{"a":"\u001b[2J"}', headers: { 'ce-id': '7' } },
    });
    const row = await rowIn('dead', 'GivenUp');
    const alert = documentOf(await belay(['inbox', 'show', row, '--json'], { env }));
    expect(alert).toMatchObject({ id: row, state: 'dead', content: { name: 'GivenUp' } });
  });

  test.each(['d999', '999'])('%s, which is not there, is refused', async (id) => {
    const said = await belay(['inbox', 'show', id], { env });
    expect(said).toMatchObject({ exit: 1, out: '' });
    expect(said.err).toContain(`there is no ${id} in the inbox`);
  });
});

describe('replay', () => {
  test('reads a letter again with today’s senders and its headers, and commits its alerts', async () => {
    const event = JSON.parse(bodyIn('cloudevents/firing')) as Record<string, unknown>;
    const { data, ...attributes } = event;
    const headers = Object.entries(attributes).map(([name, value]) => [
      `ce-${name}`,
      String(value),
    ]);
    const own = Object.fromEntries(headers) as Record<string, string>;
    const letter = await letterOf('cloudevents', JSON.stringify(data), own);
    const said = await belay(['inbox', 'replay', letter, '--why', 'we know it now'], { env });
    expect(said).toMatchObject({ exit: 0, out: `${letter}: 1 alerts are in the inbox now\n` });
    expect(await statesOf()).toEqual([expect.stringMatching(/^\S+ pending 0$/)]);
    const shown = documentOf(await belay(['inbox', 'show', letter, '--json'], { env }));
    expect(shown).toMatchObject({ state: 'replayed' });
    expect(await lastLine()).toMatchObject({
      kind: 'intake',
      actor: 'person:ann',
      says: expect.stringContaining(`ann replayed dead letter ${letter}: we know it now`),
    });
    const again = await belay(['inbox', 'replay', letter], { env });
    expect(again).toMatchObject({ exit: 1, out: '' });
    expect(await statesOf()).toHaveLength(1);
  });

  test('of a letter that is still not understood changes nothing and says why', async () => {
    const letter = await letterOf('generic', '{"a":1}');
    const said = await belay(['inbox', 'replay', letter], { env });
    expect(said.exit).toBe(1);
    expect(said.err).toContain(`${letter} is still not understood: no mapping`);
    const shown = documentOf(await belay(['inbox', 'show', letter, '--json'], { env }));
    expect(shown).toMatchObject({ state: 'kept' });
  });

  test('of a letter in which nothing begins says so and settles it', async () => {
    const letter = await letterOf('pagerduty', bodyIn('pagerduty/nothing-ping'));
    const said = await belay(['inbox', 'replay', letter], { env });
    expect(said).toMatchObject({ exit: 0, out: expect.stringContaining('nothing to do: ') });
  });

  test.each(['dead', 'unmatched'] as const)('makes a %s row pending again', async (state) => {
    const id = await rowIn(state, 'A');
    expect((await belay(['inbox', 'replay', id], { env })).exit).toBe(0);
    expect(await statesOf()).toEqual(['A pending 0']);
    expect((await lastLine())?.says).toBe(`ann replayed row ${id} of the inbox: no reason given`);
  });

  test.each(['pending', 'dispatched', 'dropped'] as const)('refuses a %s row', async (state) => {
    const id = await rowIn(state, 'A');
    const said = await belay(['inbox', 'replay', id], { env });
    expect(said).toMatchObject({ exit: 1, out: '' });
    expect(said.err).toContain('neither given up nor left unmatched');
    expect(await statesOf()).toEqual([`A ${state} 20`]);
  });
});

describe('drop', () => {
  test('settles a letter and a row for good, with who and why in the ledger', async () => {
    const letter = await letterOf('generic', '{"a":1}');
    const id = await rowIn('dead', 'A');
    for (const name of [letter, id]) {
      const said = await belay(['inbox', 'drop', name, '--why', 'noise', '--by', 'bob'], { env });
      expect(said).toMatchObject({ exit: 0, out: `${name} is dropped\n` });
      expect(await lastLine()).toMatchObject({ actor: 'person:bob', detail: { why: 'noise' } });
    }
    expect((await belay(['inbox'], { env })).out).toBe('nothing waits for anybody\n');
    expect((await belay(['inbox', 'drop', letter, '--why', 'x'], { env })).exit).toBe(1);
    await createInbox(database.db).add([alertNamed('A')]);
    expect(await statesOf()).toEqual(['A dropped 20']);
  });
});

describe('belay parse', () => {
  const folder = (source: string): string => {
    return source === 'alertmanager'
      ? 'test/fixtures/alertmanager'
      : `test/intake/bodies/${source}`;
  };
  const files = senders.flatMap(({ source, parse }) =>
    readdirSync(folder(source))
      .map((name) => `${folder(source)}/${name}`)
      .map((file) => ({ source, file, kind: parse(readFileSync(file)).kind })),
  );

  test('knows all 16 senders, each with bodies', () => {
    expect(senders).toHaveLength(16);
    expect(new Set(files.map(({ source }) => source)).size).toBe(16);
  });

  test.each(files.filter(({ kind }) => kind === 'alerts'))('prints $file', async (file) => {
    const said = await belay(['parse', file.source, file.file]);
    expect(said).toMatchObject({ exit: 0, err: '' });
    const [first = ''] = said.out.split('\n');
    expect(JSON.parse(first)).toMatchObject({ source: file.source });
  });

  test.each(files.filter(({ kind }) => kind === 'nothing'))(
    'says why $file has none',
    async (file) => {
      const said = await belay(['parse', file.source, file.file]);
      expect(said).toMatchObject({ exit: 0, out: '' });
      expect(said.err).toMatch(/^no alert in \S+: \S/);
    },
  );

  test.each(files.filter(({ kind }) => kind === 'unparsed'))('refuses $file', async (file) => {
    const said = await belay(['parse', file.source, file.file]);
    expect(said).toMatchObject({ exit: 1, out: '' });
    expect(said.err).toMatch(/ is not understood: .*: the intake would keep it, answer 422/);
  });
});
