/** The outbox of what people are to be told. */
import { sql, type Kysely, type Migration } from 'kysely';

const statements = [
  sql`
    CREATE TABLE notices (
      id text PRIMARY KEY,
      run text NOT NULL,
      "to" text NOT NULL,
      urgency text NOT NULL CHECK (urgency IN ('page', 'tell')),
      title text NOT NULL,
      text text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      delivered_at timestamptz,
      delivered_to text[] NOT NULL DEFAULT '{}',
      attempts integer NOT NULL DEFAULT 0,
      next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      why text
    )`,
  sql`CREATE INDEX notices_due ON notices (next_attempt_at) WHERE delivered_at IS NULL`,
  sql`
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'belay_app') THEN
        GRANT SELECT, INSERT, UPDATE ON notices TO belay_app;
      END IF;
    END $$`,
];

export const notices: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await statement.execute(db);
  },
};
