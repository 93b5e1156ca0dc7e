/** `belay gaps` on a real store: unmatched alerts counted by name, and a command that really writes a runbook for one. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sql } from 'kysely';
import { listGaps } from '../../activities/store/gaps.js';
import { createInbox, type Inbox, type Settled } from '../../activities/store/inbox.js';
import type { Alert } from '../../workflows/domain/alert.js';
import { hours } from '../../workflows/domain/time.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { alertOf } from '../support/simulator/simulator.js';
import { belay, documentOf } from './recorded-terminal.js';

const week = hours(7 * 24);
const hostile = `it's $(touch x) "full"`;
let database: TestDatabase;
let inbox: Inbox;

beforeAll(async () => {
  database = await openTestDatabase();
  inbox = createInbox(database.db);
  for (const service of ['shop', 'cart', 'mail']) await keep(alertOf('DiskFull', { service }));
  await keep(alertOf('DiskFull', { service: 'shop' }));
  await keep(alertOf(hostile, { service: 'shop' }));
  const endsAt = '2026-01-05T03:10:00Z';
  await keep(alertOf(hostile, { service: 'shop', status: 'resolved', endsAt }));
  await keep(alertOf('ServiceDown', { service: 'shop' }));
  await keep(alertOf('Odd', { labels: { runbook: 'tune-retries' } }));
  await keep(alertOf('Taken'), { state: 'dispatched', run: 'a.b.1', why: null });
  await keep(alertOf('Old', { service: 'shop' }));
  await keep(alertOf('OldYetFiring', { service: 'shop' }));
  await sql`UPDATE inbox SET received_at = received_at - interval '30 days',
    next_attempt_at = next_attempt_at - interval '30 days'
    WHERE alert ->> 'name' IN ('Old', 'OldYetFiring')`.execute(database.db);
  await keep(alertOf('OldYetFiring', { service: 'shop' }));
});
afterAll(() => database.close());

const unmatched: Settled = { state: 'unmatched', run: null, why: 'no runbook handled it' };

/** As the intake does it: committed, delivered, settled. */
async function keep(alert: Alert, settled: Settled = unmatched): Promise<void> {
  const [taken] = await inbox.add([alert]);
  await inbox.settle(taken?.id ?? 0, settled);
}

const gaps = (...args: string[]) =>
  belay(['gaps', ...args], { env: { DATABASE_URL: database.url } });

describe('the gaps', () => {
  test('count firings by name, the frequent first, and a repeat is no firing of its own', async () => {
    const found = await listGaps(database.db, { sinceMs: week });
    const seen = found.map(({ name, services, episodes, messages }) => {
      return [name, services, episodes, messages];
    });
    expect(seen[0]).toEqual(['DiskFull', 3, 3, 4]);
    expect(seen.slice(1)).toEqual(
      expect.arrayContaining([
        [hostile, 1, 1, 1],
        ['ServiceDown', 1, 1, 1],
        ['Odd', 1, 1, 1],
        ['OldYetFiring', 1, 1, 2],
      ]),
    );
    expect(seen).toHaveLength(5);
    expect(found[0]?.alert).toMatchObject({ name: 'DiskFull', service: 'mail' });
  });

  test('hold what has fired for longer while its sender repeats it, and say when it was seen last', async () => {
    const [found] = await listGaps(database.db, { sinceMs: week, name: 'OldYetFiring' });
    const agoMs = Date.now() - (found?.lastSeenAt.getTime() ?? 0);
    expect(Math.abs(agoMs)).toBeLessThan(60_000);
    expect(Date.now() - (found?.firstSeenAt.getTime() ?? 0)).toBeGreaterThan(hours(24));
    const all = await listGaps(database.db, { sinceMs: hours(24 * 60) });
    expect(all.map(({ name }) => name)).toContain('Old');
    expect(await listGaps(database.db, { sinceMs: week, limit: 2 })).toHaveLength(2);
  });
});

describe('belay gaps', () => {
  test('proposes a command for each, but where another runbook is not what is missing', async () => {
    const said = await gaps('--json');
    expect(said).toMatchObject({ exit: 0, err: '' });
    const { gaps: found } = documentOf(said) as { gaps: Record<string, unknown>[] };
    const byName = new Map(found.map((gap) => [gap['alert'], gap]));
    expect(byName.get('DiskFull')).toMatchObject({
      source: 'alertmanager',
      services: 3,
      episodes: 3,
      takenBy: null,
      command: 'belay gaps --alert DiskFull | belay new runbook --from-alert -',
    });
    expect(byName.get('ServiceDown')).toMatchObject({ takenBy: 'restart-service', command: null });
    expect(byName.get('Odd')).toMatchObject({
      command: null,
      says: expect.stringContaining('the label runbook names tune-retries'),
    });
  });

  test('is a table for people', async () => {
    const { out } = await gaps();
    const rows = out.trimEnd().split('\n');
    expect(rows[0]).toMatch(/^ALERT +SERVICES +EPISODES +LAST SEEN +NEXT$/);
    expect(rows[1]).toMatch(/^DiskFull +3 +3 +\d+m?s ago +belay gaps --alert DiskFull \| /);
    expect(out).toContain('restart-service takes it by now');
  });

  test('the command is safe in a shell, whatever the alert is named', async () => {
    const { gaps: found } = documentOf(await gaps('--json')) as {
      gaps: { alert: string; command: string | null }[];
    };
    const command = found.find(({ alert }) => alert === hostile)?.command ?? '';
    const script = `belay() { printf '%s\\n' "$@" >&2; }; { ${command}; } 2>&1`;
    const words = execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8' }).split('\n');
    expect(words).toContain(hostile);
  });

  test('prints the newest such alert as belay match and belay new read it', async () => {
    const said = await gaps('--alert', 'DiskFull');
    expect(said).toMatchObject({ exit: 0, err: '' });
    const matched = await belay(['match', '--json'], { input: said.out });
    expect(documentOf(matched)).toMatchObject({ name: 'DiskFull', service: 'mail', runbook: null });
    const none = await gaps('--alert', 'Old', '--since', '7d');
    expect(none).toMatchObject({ exit: 1, out: '' });
    expect(none.err).toContain('no alert Old went unmatched in 7d');
  });

  test('still finds an alert by its name when the list that named it is a month old', async () => {
    const said = await gaps('--alert', 'Old');
    expect(said).toMatchObject({ exit: 0, err: '' });
    expect(documentOf(said)).toMatchObject({ name: 'Old', service: 'shop' });
    expect((await gaps('--alert', 'Never')).err).toContain('no alert Never went unmatched in 366d');
  });
});
