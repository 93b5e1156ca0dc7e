/** What each class of action has earned: the facts the ledger showed, each with its line, and the ceiling of its level. */
import { sql, type Kysely, type Migration } from 'kysely';

const statements = [
  // A fact is counted once for a run and class, whoever tells the run again; the counts are counted, never kept.
  sql`
    CREATE TABLE trust_facts (
      run text NOT NULL,
      action_class text NOT NULL,
      fact text NOT NULL,
      tier text NOT NULL CHECK (tier IN ('info', 'warning', 'critical')),
      environment text NOT NULL,
      service text NOT NULL,
      runbook text NOT NULL,
      entry text NOT NULL,
      at timestamptz NOT NULL,
      PRIMARY KEY (run, action_class, fact)
    )`,
  sql`CREATE INDEX trust_facts_record ON trust_facts (action_class, tier, environment, fact)`,
  sql`
    CREATE TABLE trust_ceilings (
      action_class text NOT NULL,
      tier text NOT NULL CHECK (tier IN ('info', 'warning', 'critical')),
      environment text NOT NULL,
      ceiling smallint NOT NULL CHECK (ceiling BETWEEN 1 AND 5),
      why text NOT NULL,
      entry text NOT NULL,
      changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (action_class, tier, environment)
    )`,
  sql`CREATE INDEX ledger_trust ON ledger (kind, seq) WHERE kind IN ('trust', 'drill')`,
  sql`
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'belay_app') THEN
        GRANT SELECT, INSERT ON trust_facts TO belay_app;
        GRANT SELECT, INSERT, UPDATE ON trust_ceilings TO belay_app;
      END IF;
    END $$`,
];

export const trust: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await statement.execute(db);
  },
};
