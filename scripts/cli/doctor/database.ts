/** PostgreSQL: its tables, the ledger's guard, its clock, and what is stopped or in quarantine. Changes nothing. */
import { sql } from 'kysely';
import type { Db } from '../../../activities/store/db.js';
import { pendingMigrations } from '../../../activities/store/migrate.js';
import { inboxCounts, listQuarantine, listSwitches } from '../../../activities/store/read.js';
import { durationText, minutes, seconds } from '../../../workflows/domain/time.js';
import { addressesOf, databasePlace, requireDatabaseUrl } from '../addresses.js';
import { withDb } from '../connections.js';
import type { Terminal } from '../terminal.js';
import { fail, ok, warn, type Finding } from './finding.js';

/** Ages of alerts and time limits are told by these clocks. */
const skewWarnMs = seconds(1);
const skewFailMs = seconds(30);
const namedMax = 5;

export function lookAtDatabase(terminal: Terminal): Promise<Finding[]> {
  const place = databasePlace(requireDatabaseUrl(addressesOf(terminal)));
  return withDb(terminal, async (db) => {
    const reached = ok('postgres', `answers at ${place}`);
    const migrated = await lookAtMigrations(db);
    if (migrated.state === 'fail') return [reached, migrated, await lookAtClock(db)];
    return [
      reached,
      migrated,
      await lookAtLedger(db),
      await lookAtSeals(db),
      await lookAtClock(db),
      await lookAtStops(db),
      await lookAtQuarantine(db),
      await lookAtInbox(db),
    ];
  });
}

async function lookAtMigrations(db: Db): Promise<Finding> {
  const pending = await pendingMigrations(db);
  if (pending.length === 0) return ok('migrations', 'all are there');
  const fix = 'start the worker or the intake: they bring it up to date';
  return fail('migrations', `missing: ${pending.join(', ')}`, fix);
}

const ledgerGuards = ['ledger_rows_stay', 'ledger_stays'];

async function lookAtLedger(db: Db): Promise<Finding> {
  const { rows } = await sql<{ name: string }>`
    SELECT tgname AS name FROM pg_trigger
    WHERE tgrelid = 'ledger'::regclass AND tgenabled IN ('O', 'A')`.execute(db);
  const missing = ledgerGuards.filter((guard) => rows.every(({ name }) => name !== guard));
  if (missing.length === 0) return ok('ledger', 'insert-only');
  const fix = 'find out who did it; ALTER TABLE ledger ENABLE TRIGGER ALL';
  return fail('ledger', `can be changed: ${missing.join(', ')} is off`, fix);
}

/** The notary seals within seconds; lines that wait longer have nobody who seals them. */
const unsealedWarnMs = minutes(10);

async function lookAtSeals(db: Db): Promise<Finding> {
  const { rows } = await sql<{ waiting: number | null }>`
    SELECT (extract(epoch FROM clock_timestamp() - recorded_at) * 1000)::float8 AS waiting FROM ledger
    WHERE seq > (SELECT coalesce(max(seq), 0) FROM ledger_leaves) ORDER BY seq LIMIT 1`.execute(db);
  const waitingMs = rows[0]?.waiting ?? 0;
  if (waitingMs < unsealedWarnMs) return ok('notary', 'no line of the ledger waits for its seal');
  const says = `lines of the ledger have waited ${durationText(waitingMs)} for their seal`;
  return warn('notary', says, 'start the notary: see docs/audit.md');
}

async function lookAtClock(db: Db): Promise<Finding> {
  const startedMs = Date.now();
  const { rows } = await sql<{
    ms: number;
  }>`SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms`.execute(db);
  const halfwayMs = (startedMs + Date.now()) / 2;
  const skewMs = Math.abs((rows[0]?.ms ?? 0) - halfwayMs);
  const says = `PostgreSQL and this machine differ by ${durationText(skewMs)}`;
  const fix = 'synchronise both clocks (NTP)';
  if (skewMs >= skewFailMs) return fail('clock', says, fix);
  return skewMs >= skewWarnMs ? warn('clock', says, fix) : ok('clock', says);
}

async function lookAtStops(db: Db): Promise<Finding> {
  const stops = await listSwitches(db);
  const [first] = stops;
  if (first === undefined) return ok('stop orders', 'none');
  const names = named(stops.map(({ scope, by, why }) => `${scope} (by ${by}: ${why})`));
  return warn('stop orders', names, `belay resume ${first.scope}`);
}

async function lookAtQuarantine(db: Db): Promise<Finding> {
  const marks = await listQuarantine(db);
  const [first] = marks;
  if (first === undefined) return ok('quarantine', 'empty');
  const names = named(marks.map(({ target, run }) => `${target} (by ${run})`));
  return warn('quarantine', names, `look at it, then belay resume target:${first.target}`);
}

async function lookAtInbox(db: Db): Promise<Finding> {
  const { pending, dead } = await inboxCounts(db);
  if (dead > 0) {
    return warn(
      'inbox',
      `${dead} alerts could not be dispatched`,
      'the log of the intake tells why',
    );
  }
  return ok('inbox', pending === 0 ? 'nothing waits' : `${pending} alerts wait for dispatch`);
}

function named(all: readonly string[]): string {
  const rest = all.length - namedMax;
  return `${all.slice(0, namedMax).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
