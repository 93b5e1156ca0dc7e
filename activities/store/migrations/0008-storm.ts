/**
 * What a storm of alerts needs: which domains are in one, which firings wait for it to let them go, and whose turn it is.
 * `hold` is 'held' while a firing waits, then 'let-go' until its run has begun; `repeat_of` is the firing that a row says again.
 */
import { sql, type Kysely, type Migration } from 'kysely';

const statements = [
  sql`
    CREATE TABLE storms (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      domain text NOT NULL,
      firings integer NOT NULL,
      began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      ended_at timestamptz
    )`,
  sql`CREATE UNIQUE INDEX storms_on ON storms (domain) WHERE ended_at IS NULL`,
  sql`
    CREATE TABLE storm_pace (
      one boolean PRIMARY KEY DEFAULT true CHECK (one),
      turned_at timestamptz NOT NULL DEFAULT '-infinity',
      recoveries_at timestamptz NOT NULL DEFAULT '-infinity'
    )`,
  sql`INSERT INTO storm_pace DEFAULT VALUES`,
  /** Constant defaults and nulls: a large inbox is not rewritten. */
  sql`
    ALTER TABLE inbox
      ADD COLUMN environment text NOT NULL DEFAULT '',
      ADD COLUMN start_unknown boolean NOT NULL DEFAULT false,
      ADD COLUMN repeat_of bigint,
      ADD COLUMN storm bigint,
      ADD COLUMN hold text CHECK (hold IN ('held', 'let-go'))`,
  sql`CREATE INDEX inbox_arrivals ON inbox (received_at) WHERE status = 'firing' AND storm IS NULL`,
  sql`CREATE INDEX inbox_of_storm ON inbox (storm, id) WHERE storm IS NOT NULL`,
  sql`CREATE INDEX inbox_on_hold ON inbox (hold, id) WHERE hold IS NOT NULL`,
  sql`CREATE INDEX runs_active ON runs (run) WHERE state NOT IN ('watching', 'closed')`,
  sql`
    CREATE INDEX ledger_recoveries ON ledger (recorded_at)
    WHERE kind = 'outcome' AND outcome = 'resolved'`,
  sql`
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'belay_app') THEN
        GRANT SELECT, INSERT, UPDATE ON storms TO belay_app;
        GRANT SELECT, UPDATE ON storm_pace TO belay_app;
      END IF;
    END $$`,
];

export const storm: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await statement.execute(db);
  },
};
