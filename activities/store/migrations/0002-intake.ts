/** What arrived and is to be dispatched, and which operations were tried. */
import { sql, type Kysely, type Migration } from 'kysely';

const statements = [
  sql`
    CREATE TABLE inbox (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      source text NOT NULL,
      fingerprint text NOT NULL,
      starts_at_ms bigint NOT NULL,
      status text NOT NULL,
      alert jsonb NOT NULL,
      received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      state text NOT NULL DEFAULT 'pending'
        CHECK (state IN ('pending', 'dispatched', 'unmatched', 'unparsed', 'dead')),
      attempts integer NOT NULL DEFAULT 0,
      next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      run text,
      why text,
      repeats integer NOT NULL DEFAULT 0,
      UNIQUE (source, fingerprint, starts_at_ms, status)
    )`,
  sql`CREATE INDEX inbox_pending ON inbox (next_attempt_at, id) WHERE state = 'pending'`,
  sql`
    CREATE TABLE operations (
      operation_id text PRIMARY KEY,
      state text NOT NULL CHECK (state IN ('claimed', 'done')),
      first_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      claimed_until timestamptz NOT NULL,
      attempts integer NOT NULL DEFAULT 1,
      result jsonb
    )`,
  sql`
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'belay_app') THEN
        GRANT SELECT, INSERT, UPDATE ON inbox, operations TO belay_app;
      END IF;
    END $$`,
];

export const intake: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await statement.execute(db);
  },
};
