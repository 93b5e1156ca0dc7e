/** What lets people's questions (a run by the beginning of its id, the runs of a service) be answered without reading everything. */
import { sql, type Kysely, type Migration } from 'kysely';

const statements = [
  sql`CREATE INDEX runs_beginning ON runs (run text_pattern_ops)`,
  sql`CREATE INDEX runs_of_service ON runs (service, opened_at DESC)`,
  sql`CREATE INDEX notices_of_run ON notices (run)`,
];

export const reading: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await statement.execute(db);
  },
};
