/** The switch heard at once: a notice at every turn, a stop from SQL, and resuming that needs more than one person. */
import { sql, type Kysely, type Migration } from 'kysely';

const statements = [
  // Who asked for a scope to be resumed, while fewer asked than its rule wants.
  sql`
    CREATE TABLE resume_requests (
      scope text NOT NULL,
      person text NOT NULL,
      why text NOT NULL,
      at timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (scope, person)
    )`,
  // How many people must ask; the row '*' is for every scope that has none of its own.
  sql`
    CREATE TABLE resume_rules (
      scope text PRIMARY KEY,
      approvals_min integer NOT NULL CHECK (approvals_min BETWEEN 1 AND 10),
      within_ms integer NOT NULL CHECK (within_ms > 0)
    )`,
  sql`
    CREATE FUNCTION switches_turned() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      PERFORM pg_notify('belay_switch', '');
      RETURN NULL;
    END $$`,
  sql`
    CREATE TRIGGER switches_turned AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON switches
      FOR EACH STATEMENT EXECUTE FUNCTION switches_turned()`,
  // Another stop is another ground: who wanted to resume before it has not seen it.
  sql`
    CREATE FUNCTION switches_stopped_anew() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      DELETE FROM resume_requests WHERE scope = NEW.scope;
      RETURN NULL;
    END $$`,
  sql`
    CREATE TRIGGER switches_stopped_anew AFTER INSERT OR UPDATE ON switches
      FOR EACH ROW EXECUTE FUNCTION switches_stopped_anew()`,
  // Runs as its owner, so that whoever may only call it needs no right on the tables.
  sql`
    CREATE FUNCTION belay_stop(scope text DEFAULT 'everything', by text DEFAULT session_user,
      why text DEFAULT 'no reason given')
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$
    #variable_conflict use_column
    BEGIN
      IF belay_stop.scope IS NULL OR NOT (belay_stop.scope = 'everything'
          OR belay_stop.scope ~ '^(service|class|environment|runbook):.') THEN
        RAISE EXCEPTION '"%" is no scope', belay_stop.scope USING HINT =
          'a scope is everything, service:<name>, class:<name>, environment:<name>, runbook:<name>';
      END IF;
      IF coalesce(btrim(belay_stop.by), '') = '' THEN
        RAISE EXCEPTION 'nobody is named' USING HINT = 'belay_stop(scope, by, why)';
      END IF;
      INSERT INTO switches (scope, by, why)
        VALUES (belay_stop.scope, belay_stop.by, coalesce(belay_stop.why, ''))
        ON CONFLICT ON CONSTRAINT switches_pkey
        DO UPDATE SET by = excluded.by, why = excluded.why, at = clock_timestamp();
      INSERT INTO ledger (id, kind, actor, says, at, detail) VALUES (
        gen_random_uuid()::text, 'switch', 'person:' || belay_stop.by,
        format('%s stopped %s: %s', belay_stop.by, belay_stop.scope, coalesce(belay_stop.why, '')),
        clock_timestamp(),
        jsonb_build_object('turned', 'stop', 'scope', belay_stop.scope, 'why', coalesce(belay_stop.why, ''),
          'through', 'sql', 'databaseUser', session_user));
    END $$`,
  // pg_temp last: else whoever may make a temporary table could put one in the place of ours.
  sql`
    DO $$ BEGIN
      EXECUTE format('ALTER FUNCTION belay_stop(text, text, text) SET search_path = %I, pg_temp', current_schema());
    END $$`,
  sql`REVOKE ALL ON FUNCTION belay_stop(text, text, text) FROM PUBLIC`,
  sql`
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'belay_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON resume_requests, resume_rules TO belay_app;
        GRANT EXECUTE ON FUNCTION belay_stop(text, text, text) TO belay_app;
      END IF;
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'belay_stopper') THEN
        GRANT EXECUTE ON FUNCTION belay_stop(text, text, text) TO belay_stopper;
      END IF;
    END $$`,
];

export const switchHeard: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of statements) await statement.execute(db);
  },
};
