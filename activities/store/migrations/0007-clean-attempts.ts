/** How many attempts at an operation ended without having changed anything: where all did, the next one's no can be believed. */
import { sql, type Kysely, type Migration } from 'kysely';

export const cleanAttempts: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`ALTER TABLE operations ADD COLUMN clean_attempts integer NOT NULL DEFAULT 0`.execute(
      db,
    );
  },
};
