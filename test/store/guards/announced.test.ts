/** What is wrong with a file of the guards is told to people, by one of several workers, while the last good one stays in force. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { pino } from 'pino';
import { createMetrics } from '../../../workers/metrics.js';
import { announcedGuards } from '../../../workers/remediation/guards.js';
import { openTestDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await openTestDatabase();
  folder = await mkdtemp(join(tmpdir(), 'belay-guards-'));
}, 60_000);
afterAll(async () => {
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

test('a calendar that is wrong pages once, by file and line, however many workers see it', async () => {
  await writeFile(join(folder, 'guards.yaml'), 'version: 1\nfrozen: { calendars: [a.ics] }\n');
  await writeFile(join(folder, 'a.ics'), 'BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n');
  const files = {
    rulesPath: join(folder, 'guards.yaml'),
    fleetPath: join(folder, 'fleet.yaml'),
    required: [],
  };
  const logged: string[] = [];
  const log = pino({ base: null }, { write: (line: string) => void logged.push(line) });
  for (const worker of ['one', 'two']) {
    const told = { db: database.db, metrics: createMetrics(worker), log };
    const { guards, stop } = await announcedGuards(files, told);
    stop();
    const asked = await guards.ask({ service: 'shop', scopes: [], nowMs: 0 });
    expect(asked).toMatchObject({ value: { frozen: { known: false } } });
  }
  const { rows } = await sql<{ urgency: string; text: string }>`
    SELECT urgency, text FROM notices`.execute(database.db);
  expect(rows).toMatchObject([{ urgency: 'page' }]);
  expect(rows[0]?.text).toMatch(/a\.ics:3: END:VCALENDAR ends nothing/);
  expect(logged).toHaveLength(2);
}, 60_000);
