/** Brings a database to the tables this version needs; only ever forwards, and never changes a migration that shipped. */
import { Migrator, sql, type Migration } from 'kysely';
import type { Db } from './db.js';
import { guardCounts } from './migrations/0013-guards.js';
import { guards } from './migrations/0003-guards.js';
import { intake } from './migrations/0002-intake.js';
import { ledger } from './migrations/0001-ledger.js';
import { notices } from './migrations/0004-notices.js';
import { inboxOrder } from './migrations/0005-inbox-order.js';
import { backlog } from './migrations/0010-backlog.js';
import { cleanAttempts } from './migrations/0007-clean-attempts.js';
import { deadLetters } from './migrations/0009-dead-letters.js';
import { reading } from './migrations/0006-reading.js';
import { lookups } from './migrations/0011-lookups.js';
import { ledgerProof } from './migrations/0012-proof.js';
import { storm } from './migrations/0008-storm.js';
import { switchHeard } from './migrations/0015-switch.js';
import { trust } from './migrations/0016-trust.js';

/** A list and not a folder, so that a bundled process carries them. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001-ledger': ledger,
  '0002-intake': intake,
  '0003-guards': guards,
  '0004-notices': notices,
  '0005-inbox-order': inboxOrder,
  '0006-reading': reading,
  '0007-clean-attempts': cleanAttempts,
  '0008-storm': storm,
  '0009-dead-letters': deadLetters,
  '0010-backlog': backlog,
  '0011-lookups': lookups,
  '0012-proof': ledgerProof,
  '0013-guards': guardCounts,
  '0015-switch': switchHeard,
  '0016-trust': trust,
};

/**
 * Runs what has not run yet, in one transaction under a lock of the database: several processes may start at once.
 * Throws with the migration's name when one fails; then nothing was changed.
 */
export async function migrate(db: Db): Promise<readonly string[]> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve(migrations) },
  });
  const { error, results = [] } = await migrator.migrateToLatest();
  if (error === undefined) {
    await sql`SELECT ledger_make_months()`.execute(db); // whoever starts in a new month makes the next one's place
    return results.map(({ migrationName }) => migrationName);
  }
  const at = results.find(({ status }) => status === 'Error')?.migrationName ?? 'before the first';
  throw new Error(`the database could not be migrated (${at}): ${textOf(error)}`, { cause: error });
}

/** Names of the migrations that have not run here yet, in order. Changes nothing; throws when the database is away. */
export async function pendingMigrations(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ there: boolean }>`
    SELECT to_regclass('kysely_migration') IS NOT NULL AS there`.execute(db);
  if (rows[0]?.there !== true) return Object.keys(migrations);
  const { rows: run } = await sql<{ name: string }>`SELECT name FROM kysely_migration`.execute(db);
  return Object.keys(migrations).filter((name) => run.every((done) => done.name !== name));
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
