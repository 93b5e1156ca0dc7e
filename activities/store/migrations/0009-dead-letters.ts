/** Bodies that were let in and not understood, kept as they came; and a word for what a person wants no more of. */
import { sql, type Kysely, type Migration } from 'kysely';

const statements = [
  sql`
    CREATE TABLE dead_letters (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      source text NOT NULL,
      digest text NOT NULL,
      received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      last_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      count integer NOT NULL DEFAULT 1,
      why text NOT NULL,
      headers jsonb NOT NULL DEFAULT '{}',
      body bytea NOT NULL CHECK (octet_length(body) <= 1048576),
      body_bytes integer GENERATED ALWAYS AS (octet_length(body)) STORED,
      state text NOT NULL DEFAULT 'kept' CHECK (state IN ('kept', 'replayed', 'dropped')),
      settled_why text,
      UNIQUE (source, digest)
    )`,
  sql`CREATE INDEX dead_letters_kept ON dead_letters (last_at) WHERE state = 'kept'`,
  // whatever states the migrations before this one allow
  sql`
    DO $$ DECLARE allowed text; BEGIN
      SELECT pg_get_expr(conbin, conrelid) INTO STRICT allowed FROM pg_constraint
      WHERE conrelid = 'inbox'::regclass AND conname = 'inbox_state_check';
      EXECUTE format('ALTER TABLE inbox DROP CONSTRAINT inbox_state_check, ADD CONSTRAINT inbox_state_check
        CHECK (%s OR state = ''dropped'') NOT VALID', allowed);
    END $$`,
  sql`CREATE INDEX inbox_given_up ON inbox (state, id) WHERE state IN ('dead', 'unmatched')`,
  sql`
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'belay_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON dead_letters TO belay_app;
      END IF;
    END $$`,
];

export const deadLetters: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await statement.execute(db);
  },
};
