/** What lets the dispatcher keep the order of one fingerprint, and find the runs that still watch it, without reading everything. */
import { sql, type Kysely, type Migration } from 'kysely';

const statements = [
  sql`CREATE INDEX inbox_order ON inbox (source, fingerprint, id) WHERE state = 'pending'`,
  sql`CREATE INDEX runs_watched ON runs ((alert ->> 'fingerprint')) WHERE state = 'watching'`,
];

export const inboxOrder: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await statement.execute(db);
  },
};
