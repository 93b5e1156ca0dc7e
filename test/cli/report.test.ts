/** `belay report` on a real store: what the runs of stories left in it, counted for the week, told for the morning, kept for one run. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { createDeadLetters } from '../../activities/store/dead-letters.js';
import { createInbox } from '../../activities/store/inbox.js';
import { noteIntake } from '../../activities/store/intake-lines.js';
import { decisionOf } from '../../scripts/cli/report/runs.js';
import type { Alert } from '../../workflows/domain/alert.js';
import { hours, minutes } from '../../workflows/domain/time.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { temporaryFolder } from '../support/intake.js';
import { keepStory } from '../support/kept-story.js';
import { alertOf } from '../support/simulator/simulator.js';
import { belay, documentOf } from './recorded-terminal.js';

const until = '2026-01-12T08:00:00Z';
const untilMs = Date.parse(until);
const ago = (agoMs: number): Date => new Date(untilMs - agoMs);
const day = hours(24);

let empty: TestDatabase;
let full: TestDatabase;
let stuckRun = '';

beforeAll(async () => {
  empty = await openTestDatabase();
  full = await openTestDatabase();
  const told = async (story: string, agoMs: number, firstMs?: number): Promise<string> => {
    const part = firstMs === undefined ? {} : { firstMs };
    const [run = ''] = await keepStory(full.db, { story, atMs: untilMs - agoMs, ...part });
    return run;
  };
  await told('healed-alone', 8 * day); // of the week before
  await told('healed-alone', 5 * day);
  await told('healed-alone', hours(6));
  await told('recurred', 4 * day);
  await told('approved-late', 3 * day);
  await told('approved-late', 2 * day);
  await told('rejected', day);
  await told('nobody-answers', hours(5));
  await told('stale', hours(4) + minutes(30));
  stuckRun = await told('undo-fails', hours(3), minutes(4));
  await told('approved-late', minutes(20), minutes(3));
  await left(full);
});
afterAll(async () => {
  await empty.close();
  await full.close();
});

/** What the intake and people left: gaps, a storm, letters, a wrong secret, a stop, a target in quarantine. */
async function left({ db }: TestDatabase): Promise<void> {
  const inbox = createInbox(db);
  const unmatched = async (alert: Alert): Promise<void> => {
    const [taken] = await inbox.add([alert]);
    const why = `no runbook handles ${alert.name}`;
    await inbox.settle(taken?.id ?? 0, { state: 'unmatched', run: null, why });
  };
  for (const service of ['shop', 'cart', 'mail']) await unmatched(alertOf('DiskFull', { service }));
  await unmatched(alertOf('Queue *depth* | high', { service: 'shop' }));
  await unmatched(alertOf('ServiceDown', { service: 'shop' })); // a runbook takes it by now
  await sql`UPDATE inbox SET received_at = ${ago(2 * day)}, next_attempt_at = ${ago(2 * day)}`.execute(
    db,
  );
  await sql`
    INSERT INTO storms (domain, firings, began_at, ended_at)
    VALUES ('demo', 60, ${ago(hours(7))}, ${ago(hours(7) - minutes(12))})`.execute(db);
  await sql`
    INSERT INTO inbox (source, fingerprint, starts_at_ms, status, environment, alert, state, run, storm, received_at, next_attempt_at)
    SELECT 'alertmanager', 'storm-' || n, ${untilMs}, 'firing', 'demo', '{}', 'dispatched',
      CASE WHEN n <= 20 THEN 'a-run' END, (SELECT id FROM storms), ${ago(hours(7))}, ${ago(hours(7))}
    FROM generate_series(1, 60) AS n`.execute(db);
  const letters = createDeadLetters(db, { onLost: () => undefined });
  await letters.keep({
    source: 'github',
    why: 'no such event',
    headers: {},
    body: Buffer.from('{}'),
  });
  await sql`UPDATE dead_letters SET last_at = ${ago(day)}, count = 4`.execute(db);
  await noteIntake(db, {
    says: 'turned away',
    detail: { source: 'grafana', wrongSecret: 7, stale: 2 },
  });
  await sql`
    INSERT INTO ledger (id, kind, tier, actor, says, at, recorded_at)
    VALUES ('storm.1.began', 'intake', 'critical', 'belay', 'a storm began in demo: 60 alerts',
      ${ago(hours(7))}, ${ago(hours(7))})`.execute(db);
  await sql`
    INSERT INTO ledger (id, kind, action_class, tier, environment, actor, level, says, at, detail)
    VALUES ('granted', 'trust', 'restart', 'warning', 'demo', 'person:owner', 4,
        'owner granted restart/warning/demo level 4: the first day', ${ago(10 * day)}, '{"change":"grant"}'),
      ('lowered', 'trust', 'restart', 'warning', 'demo', 'belay', 3, 'restart/warning/demo was lowered from 4 to 3: it recurred',
        ${ago(3 * day)}, '{"change":"demotion"}'),
      ('drilled', 'drill', NULL, NULL, NULL, 'person:ana', NULL, 'drill of restart-service: fault, undo, escalation passed',
        ${ago(2 * day)}, '{"runbook":"restart-service","parts":[]}')`.execute(db);
  await sql`INSERT INTO switches (scope, by, why, at) VALUES ('service:cart', 'ana', 'moving house', ${ago(hours(9))})`.execute(
    db,
  );
  await sql`
    INSERT INTO quarantine (target, run, why, at)
    VALUES ('setting:shop/retries', ${stuckRun}, 'could not be taken back', ${ago(hours(3))})`.execute(
    db,
  );
  await sql`DELETE FROM notices`.execute(db);
  await sql`
    INSERT INTO notices (id, run, "to", urgency, title, text, created_at, delivered_at)
    VALUES ('n1', ${stuckRun}, 'on-call', 'page', 'RetryStorm on shop: stuck', 'look', ${ago(hours(3))}, ${ago(hours(3))})`.execute(
    db,
  );
}

const report = (database: TestDatabase, ...args: string[]) =>
  belay(['report', ...args], { env: { DATABASE_URL: database.url } });

/** UPDATE_GOLDEN=1 writes what a person then agrees to. The line of wrong secrets has the real time: it is in the real week only. */
function agrees(name: string, text: string): void {
  const file = `test/cli/reports/${name}`;
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, text);
  expect(text.split('\n')).toEqual(readFileSync(file, 'utf8').split('\n'));
}

describe('belay report weekly', () => {
  test('reads as a person last agreed to', async () => {
    const said = await report(full, 'weekly', '--until', until);
    expect(said).toMatchObject({ exit: 0, err: '' });
    agrees('weekly.golden.txt', said.out);
  });

  test('is a page of Markdown, in which the names of alerts are text', async () => {
    const said = await report(full, 'weekly', '--until', until, '--markdown');
    agrees('weekly.golden.md', said.out);
    expect(said.out).toContain('Queue \\*depth\\* \\| high');
  });

  test('counts for programs what it says to people', async () => {
    const week = documentOf(await report(full, 'weekly', '--until', until, '--json'));
    expect(week).toMatchObject({
      from: '2026-01-05T08:00:00.000Z',
      until: '2026-01-12T08:00:00.000Z',
    });
    const outcomes = week['outcomes'] as { outcome: string | null; runs: number }[];
    const sum = (kind: string | null) =>
      outcomes.filter(({ outcome }) => outcome === kind).reduce((all, { runs }) => all + runs, 0);
    expect(['resolved', 'withheld', 'stuck', null].map(sum)).toEqual([5, 3, 1, 1]);
    expect(week['actedAlone']).toMatchObject([
      { runbook: 'restart-service', runs: 3, resolved: 3, undone: 0 },
      { runbook: 'tune-retries', runs: 1, others: 1 },
    ]);
    expect(week['decisions']).toEqual([
      {
        decision: 'reject',
        times: 1,
        medianMs: minutes(2),
        longestMs: minutes(2),
        by: [['ana', 1]],
      },
      {
        decision: 'approve',
        times: 2,
        medianMs: minutes(4),
        longestMs: minutes(4),
        by: [['ana', 2]],
      },
    ]);
    const refusals = week['refusals'] as { reason: string; runs: number }[];
    expect(refusals.map(({ reason, runs }) => [reason, runs])).toEqual(
      expect.arrayContaining([
        ['rejected', 1],
        ['unanswered', 1],
        ['stale', 1],
      ]),
    );
    expect(week['recurrences']).toEqual([{ runbook: 'restart-service', service: 'shop', runs: 1 }]);
    expect(week['autonomy']).toMatchObject({
      records: [
        { record: 'configure/warning/demo', level: 3, disagreed: 1, hidden: 1 },
        { record: 'restart/warning/demo', level: 3, held: 2, trials: 3, hidden: 1 },
      ],
      changes: [{ change: 'drill' }, { change: 'demotion' }],
    });
    expect(week['storms']).toMatchObject([{ firings: 60, begun: 20, passedOver: 40, held: 0 }]);
    expect(week['unread']).toMatchObject([{ source: 'github', letters: 1, times: 4, kept: 1 }]);
  });

  test('proposes the gaps, and its commands find their alert later, too', async () => {
    const week = documentOf(await report(full, 'weekly', '--until', until, '--json'));
    const gaps = week['gaps'] as { alert: string; episodes: number; command: string }[];
    expect(gaps.map(({ alert, episodes }) => [alert, episodes])).toEqual([
      ['DiskFull', 3],
      ['Queue *depth* | high', 1],
    ]);
    expect(gaps.map(({ command }) => command)).toEqual([
      'belay gaps --alert DiskFull | belay new runbook --from-alert -',
      "belay gaps --alert 'Queue *depth* | high' | belay new runbook --from-alert -",
    ]);
    const kept = await belay(['gaps', '--alert', 'DiskFull'], { env: { DATABASE_URL: full.url } });
    expect(documentOf(kept)).toMatchObject({ name: 'DiskFull', service: 'mail' });
    const project = temporaryFolder('report');
    for (const file of ['runbooks/index.ts', 'workflows/index.ts', 'test/unwind/harness.ts']) {
      cpSync(file, join(project.path, file), { recursive: true });
    }
    const args = ['new', 'runbook', '--from-alert', '-', '--folder', project.path, '--json'];
    const made = await belay(args, { input: kept.out });
    project.remove();
    expect(documentOf(made)).toMatchObject({ runbook: 'disk-full', alertname: 'DiskFull' });
  });

  test('tells of wrong secrets in the week in which they came', async () => {
    const { unread } = documentOf(await report(full, 'weekly', '--json')) as { unread: unknown[] };
    expect(unread).toContainEqual(
      expect.objectContaining({ source: 'grafana', wrongSecret: 7, stale: 2 }),
    );
  });

  test('of an empty store says so in every part', async () => {
    const said = await report(empty, 'weekly', '--until', until);
    agrees('weekly-empty.golden.txt', said.out);
  });

  test('refuses what it cannot mean', async () => {
    expect(await report(full, 'weekly', '--json', '--markdown')).toMatchObject({ exit: 2 });
    expect((await report(full, 'weekly', '--since', 'ever')).err).toContain('30d');
    expect((await report(full, 'weekly', '--until', 'Monday')).err).toContain('RFC 3339');
  });
});

describe('belay report morning', () => {
  test('says first what waits and what is stopped, then what happened', async () => {
    const said = await report(full, 'morning', '--until', until);
    expect(said).toMatchObject({ exit: 0, err: '' });
    agrees('morning.golden.txt', said.out);
  });

  test('of a quiet night is short', async () => {
    agrees('morning-empty.golden.txt', (await report(empty, 'morning', '--until', until)).out);
  });
});

describe('belay report run', () => {
  test('is a page to keep with the incident', async () => {
    const said = await report(full, 'run', stuckRun, '--markdown');
    expect(said).toMatchObject({ exit: 0, err: '' });
    agrees('run.golden.md', said.out);
    const { summary } = documentOf(await report(full, 'run', stuckRun, '--json')) as {
      summary: unknown;
    };
    expect(summary).toMatchObject({ run: stuckRun, outcome: 'stuck', reason: 'undo-failed' });
  });

  test('names the run it does not know', async () => {
    expect(await report(full, 'run', 'nobody')).toMatchObject({ exit: 1 });
  });
});

test('a decision without a question has no time, and the median is of those that have one', () => {
  const said = (by: string, tookMs: number | null) => {
    return { run: 'r', runbook: 'b', service: 's', kind: 'halt', by, tookMs };
  };
  const all = [said('bo', 10), said('ana', null), said('ana', 30), said('bo', 20), said('ana', 20)];
  expect(decisionOf('halt', all)).toEqual({
    decision: 'halt',
    times: 5,
    medianMs: 20,
    longestMs: 30,
    by: [
      ['ana', 3],
      ['bo', 2],
    ],
  });
  expect(decisionOf('halt', [said('ana', null)])).toMatchObject({
    medianMs: null,
    longestMs: null,
  });
});
