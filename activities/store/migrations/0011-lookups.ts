/** What lets reports, and the turn of a storm, find what they ask for without reading everything. */
import { sql, type Kysely, type Migration } from 'kysely';

const statements = [
  // a storm asks for the oldest held of a service, see letting-go.ts
  sql`CREATE INDEX inbox_held ON inbox ((alert ->> 'service'), id) WHERE hold = 'held'`,
  sql`CREATE INDEX ledger_of_no_run ON ledger (recorded_at) WHERE run IS NULL`,
  sql`CREATE INDEX notices_created ON notices (created_at)`,
];

export const lookups: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await statement.execute(db);
  },
};
