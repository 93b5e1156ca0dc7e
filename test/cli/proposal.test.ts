/** `belay proposal` on a real store: what a run proposed, with its confidence in parts; and a run that proposed nothing. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { keepStory } from '../support/kept-story.js';
import { belay, documentOf } from './recorded-terminal.js';

let database: TestDatabase;
let proposed = '';
let refused = '';
let env: Record<string, string>;

beforeAll(async () => {
  database = await openTestDatabase();
  env = { DATABASE_URL: database.url };
  const atMs = Date.parse('2026-01-12T08:00:00Z');
  [proposed = ''] = await keepStory(database.db, { story: 'telemetry-asks-people', atMs });
  const later = { story: 'telemetry-contradicts', atMs: atMs + 1 };
  [refused = ''] = await keepStory(database.db, later);
});
afterAll(() => database.close());

test('shows the steps, why, and the confidence with what each observation was worth', async () => {
  const { out, exit } = await belay(['proposal', proposed], { env });
  expect(exit).toBe(0);
  expect(out).toMatch(/set retries of shop to 3 and reload/);
  expect(out).toMatch(/Confidence 0\.00/);
  expect(out).toMatch(/monitor\.measure +0\.00 +x 1 +it is 600s old, 60s at most are of use/);
  expect(out).toMatch(/policy +pass/);
});

test('is a document for programs, and the decision in the ledger has the same confidence', async () => {
  const shown = documentOf(await belay(['proposal', proposed, '--json'], { env }));
  expect(shown).toMatchObject({
    run: proposed,
    proposal: { confidence: { value: 0, parts: [{ flawed: true }] } },
  });
  const { ledger } = documentOf(await belay(['show', proposed, '--json'], { env })) as {
    ledger: { kind: string; detail?: { gates?: unknown; confidence?: unknown } }[];
  };
  const admission = ledger.find(({ detail }) => detail?.gates !== undefined);
  expect(admission?.detail?.confidence).toMatchObject({
    value: 0,
    parts: [{ what: 'monitor.measure', ageMs: 600_000 }],
  });
});

test('says that a run made no proposal, and where it is told why', async () => {
  const { err, exit } = await belay(['proposal', refused], { env });
  expect(exit).toBe(1);
  expect(err).toMatch(/made no proposal: belay show \S+ tells why/);
});
