/** What lets reports find the lines of no run, and the notices of a time, without reading everything. */
import { sql, type Kysely, type Migration } from 'kysely';

const statements = [
  sql`CREATE INDEX ledger_of_no_run ON ledger (recorded_at) WHERE run IS NULL`,
  sql`CREATE INDEX notices_created ON notices (created_at)`,
];

export const reports: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await statement.execute(db);
  },
};
