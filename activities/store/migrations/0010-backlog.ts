/**
 * Alerts that were acknowledged and are not in the inbox yet. One row is many alerts of many requests, so that a flood costs a
 * commit and not a row for each. Text, and not jsonb: it is read once and deleted.
 */
import { sql, type Kysely, type Migration } from 'kysely';

const statements = [
  sql`
    CREATE TABLE inbox_backlog (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      count integer NOT NULL,
      alerts text NOT NULL
    )`,
  sql`
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'belay_app') THEN
        GRANT SELECT, INSERT, DELETE ON inbox_backlog TO belay_app;
      END IF;
    END $$`,
];

export const backlog: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await statement.execute(db);
  },
};
