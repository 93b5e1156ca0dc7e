/** What keeps runs from acting: leases, quarantine and the switches people turn. */
import { sql, type Kysely, type Migration } from 'kysely';

const statements = [
  sql`CREATE SEQUENCE lease_fences`,
  sql`
    CREATE TABLE leases (
      target text PRIMARY KEY,
      holder text NOT NULL,
      fence bigint NOT NULL DEFAULT nextval('lease_fences'),
      taken_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )`,
  sql`CREATE INDEX leases_holder ON leases (holder)`,
  sql`
    CREATE TABLE quarantine (
      target text PRIMARY KEY,
      run text NOT NULL,
      why text NOT NULL,
      at timestamptz NOT NULL DEFAULT clock_timestamp()
    )`,
  sql`
    CREATE TABLE switches (
      scope text PRIMARY KEY,
      by text NOT NULL,
      why text NOT NULL,
      at timestamptz NOT NULL DEFAULT clock_timestamp()
    )`,
  sql`
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'belay_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON leases, quarantine, switches TO belay_app;
        GRANT USAGE ON SEQUENCE lease_fences TO belay_app;
      END IF;
    END $$`,
];

export const guards: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await statement.execute(db);
  },
};
