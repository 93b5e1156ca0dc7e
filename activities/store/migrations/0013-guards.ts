/**
 * What the guards count: where a lease lies, which steps were let in when, and which parts of the fleet are in a storm.
 * A lease is itself the share of its service, zone and fleet: it is taken and given back in one place, so no count can drift.
 */
import { sql, type Kysely, type Migration } from 'kysely';

const statements = [
  sql`ALTER TABLE leases ADD COLUMN service text, ADD COLUMN zone text`,
  sql`
    CREATE TABLE admissions (
      run text NOT NULL,
      step text NOT NULL,
      service text NOT NULL,
      zone text,
      action text NOT NULL,
      action_class text NOT NULL,
      target text NOT NULL,
      risk integer NOT NULL,
      at timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (run, step)
    )`,
  sql`CREATE INDEX admissions_service ON admissions (service, at DESC)`,
  sql`CREATE INDEX admissions_target ON admissions (target, at DESC)`,
  sql`CREATE INDEX admissions_action ON admissions (action, at DESC)`,
  sql`CREATE INDEX admissions_at ON admissions (at)`,
  sql`
    CREATE TABLE fleet_storms (
      scope text PRIMARY KEY,
      state text NOT NULL CHECK (state IN ('calm', 'on', 'ending')),
      since timestamptz NOT NULL
    )`,
  /** Those that ended without healing anything, for as long as their service counts as sick. */
  sql`
    CREATE INDEX runs_in_vain ON runs (closed_at)
    WHERE state = 'closed' AND outcome <> 'resolved'`,
  sql`
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'belay_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON admissions TO belay_app;
        GRANT SELECT, INSERT, UPDATE ON fleet_storms TO belay_app;
      END IF;
    END $$`,
];

export const guardCounts: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await statement.execute(db);
  },
};
