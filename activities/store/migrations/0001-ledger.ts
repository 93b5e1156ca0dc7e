/**
 * The ledger, insert-only, and the list of runs that is projected from it.
 * The trigger holds for everyone, the owner too. The role `belay_app` is what a production process should become after
 * connecting (`SET ROLE belay_app`, or log in as a member of it): it may read and add, and could not even try to change.
 */
import { sql, type Kysely, type Migration } from 'kysely';

const tables = [
  sql`
    CREATE TABLE ledger (
      seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
      id text PRIMARY KEY,
      run text,
      runbook text,
      digest text,
      service text,
      environment text,
      tier text CHECK (tier IN ('info', 'warning', 'critical')),
      kind text NOT NULL,
      action_class text,
      trigger text,
      actor text,
      level smallint CHECK (level BETWEEN 1 AND 5),
      reason text,
      outcome text,
      step text,
      says text NOT NULL,
      expected jsonb,
      actual jsonb,
      before_state jsonb,
      after_state jsonb,
      duration_ms bigint,
      at timestamptz NOT NULL,
      recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
      detail jsonb
    )`,
  sql`CREATE INDEX ledger_run ON ledger (run, seq)`,
  sql`
    CREATE TABLE runs (
      run text PRIMARY KEY,
      runbook text NOT NULL,
      service text NOT NULL,
      environment text NOT NULL,
      trigger text NOT NULL,
      alert jsonb NOT NULL,
      state text NOT NULL,
      level smallint,
      plan_hash text,
      outcome text,
      reason text,
      why text,
      opened_at timestamptz,
      closed_at timestamptz,
      changed_at timestamptz NOT NULL DEFAULT now()
    )`,
  sql`CREATE INDEX runs_open ON runs (opened_at DESC) WHERE state <> 'closed'`,
  sql`CREATE INDEX runs_opened ON runs (opened_at DESC)`,
];

const insertOnly = [
  sql`
    CREATE FUNCTION ledger_is_insert_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'the ledger is insert-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
    END $$`,
  sql`
    CREATE TRIGGER ledger_rows_stay BEFORE UPDATE OR DELETE ON ledger
    FOR EACH ROW EXECUTE FUNCTION ledger_is_insert_only()`,
  sql`
    CREATE TRIGGER ledger_stays BEFORE TRUNCATE ON ledger
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_insert_only()`,
];

/** The role belongs to the whole server, so it may be there already; and a managed server may not let us make one. */
const role = [
  sql`
    DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'belay_app') THEN
        CREATE ROLE belay_app NOLOGIN;
      END IF;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL;
      WHEN insufficient_privilege THEN RAISE NOTICE 'role belay_app was not made: no right to create roles';
    END $$`,
  sql`
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'belay_app') THEN
        GRANT SELECT, INSERT ON ledger TO belay_app;
        GRANT SELECT, INSERT, UPDATE ON runs TO belay_app;
      END IF;
    END $$`,
];

export const ledger: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...tables, ...insertOnly, ...role]) await statement.execute(db);
  },
};
