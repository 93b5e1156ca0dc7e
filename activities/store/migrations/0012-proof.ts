/**
 * The ledger in months, so that old ones can be retired, and what proves it: the leaves and nodes of its Merkle tree and the
 * checkpoints over it. Lines that are there are moved, in pieces of a second; their numbers stay.
 */
import { sql, type Kysely, type Migration, type RawBuilder } from 'kysely';

const columns = sql.raw(
  `seq, id, run, runbook, digest, service, environment, tier, kind, action_class, trigger, actor, level, reason, outcome,
   step, says, expected, actual, before_state, after_state, duration_ms, at, recorded_at, detail`,
);

const setAside = [
  sql`ALTER TABLE ledger RENAME TO ledger_whole`,
  // The names of what stays on it until it goes are needed for what takes its place.
  ...['run', 'recoveries', 'of_no_run'].map(
    (index) =>
      sql`ALTER INDEX ${sql.ref(`ledger_${index}`)} RENAME TO ${sql.ref(`ledger_whole_${index}`)}`,
  ),
];

const months = [
  sql`CREATE SEQUENCE ledger_numbers`,
  sql`
    CREATE TABLE ledger (
      seq bigint NOT NULL,
      id text NOT NULL,
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
    ) PARTITION BY RANGE (recorded_at)`,
  sql`CREATE INDEX ledger_run ON ledger (run, seq)`,
  sql`CREATE INDEX ledger_seq ON ledger (seq)`,
  sql`CREATE INDEX ledger_closed ON ledger (seq) WHERE kind = 'closed'`,
  sql`
    CREATE INDEX ledger_recoveries ON ledger (recorded_at)
    WHERE kind = 'outcome' AND outcome = 'resolved'`,
  sql`CREATE INDEX ledger_of_no_run ON ledger (recorded_at) WHERE run IS NULL`,
  // What is in no month that was made: no line is ever refused for its time.
  sql`CREATE TABLE ledger_other PARTITION OF ledger DEFAULT`,
  // Unique over all months, which no index of the partitioned table could be.
  sql`CREATE TABLE ledger_ids (id text PRIMARY KEY)`,
];

/** Its functions run as their owner, whoever writes a line; they look into this schema and nowhere else. */
function ownedFunction(signature: string, body: string): RawBuilder<unknown> {
  const text = `CREATE FUNCTION ${signature} LANGUAGE plpgsql SECURITY DEFINER SET search_path = %I, pg_temp AS %L`;
  return sql`DO ${sql.lit(`BEGIN EXECUTE format(${literal(text)}, current_schema(), ${literal(body)}); END`)}`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

const monthFunctions = [
  ownedFunction(
    'ledger_make_month(month date) RETURNS boolean',
    `DECLARE
       first timestamptz := date_trunc('month', month::timestamp) AT TIME ZONE 'UTC';
       after timestamptz := (date_trunc('month', month::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
       name text := 'ledger_' || to_char(month, 'YYYY_MM');
     BEGIN
       IF to_regclass(name) IS NOT NULL OR EXISTS (
         SELECT FROM ledger_other WHERE recorded_at >= first AND recorded_at < after) THEN RETURN false; END IF;
       EXECUTE format('CREATE TABLE %I PARTITION OF ledger FOR VALUES FROM (%L) TO (%L)', name, first, after);
       EXECUTE format('CREATE TRIGGER ledger_stays BEFORE TRUNCATE ON %I
         FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_insert_only()', name);
       RETURN true;
     END`,
  ),
  ownedFunction(
    'ledger_make_months() RETURNS integer',
    `DECLARE
       this_month date := date_trunc('month', clock_timestamp() AT TIME ZONE 'UTC');
       made integer := 0;
     BEGIN
       IF to_regclass('ledger_' || to_char(this_month, 'YYYY_MM')) IS NOT NULL
         AND to_regclass('ledger_' || to_char(this_month + interval '1 month', 'YYYY_MM')) IS NOT NULL THEN RETURN 0; END IF;
       PERFORM pg_advisory_xact_lock(hashtext('belay ledger months'));
       FOR ahead IN 0..1 LOOP
         IF ledger_make_month((this_month + ahead * interval '1 month')::date) THEN made := made + 1; END IF;
       END LOOP;
       RETURN made;
     END`,
  ),
  ownedFunction(
    'ledger_takes_a_line() RETURNS trigger',
    `BEGIN
       INSERT INTO ledger_ids (id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
       IF NOT FOUND THEN RETURN NULL; END IF;
       NEW.seq := nextval('ledger_numbers');
       RETURN NEW;
     END`,
  ),
];

const guards = [
  sql`
    CREATE TRIGGER ledger_rows_stay BEFORE UPDATE OR DELETE ON ledger
    FOR EACH ROW EXECUTE FUNCTION ledger_is_insert_only()`,
  sql`
    CREATE TRIGGER ledger_takes_a_line BEFORE INSERT ON ledger
    FOR EACH ROW EXECUTE FUNCTION ledger_takes_a_line()`,
  ...['ledger', 'ledger_other'].map(
    (table) => sql`
    CREATE TRIGGER ledger_stays BEFORE TRUNCATE ON ${sql.table(table)}
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_insert_only()`,
  ),
];

const proofTables = ['ledger_leaves', 'ledger_nodes', 'ledger_checkpoints', 'ledger_published'];

const proof = [
  sql`
    CREATE TABLE ledger_leaves (
      leaf bigint PRIMARY KEY,
      seq bigint NOT NULL UNIQUE,
      hash bytea NOT NULL CHECK (octet_length(hash) = 32)
    )`,
  sql`
    CREATE TABLE ledger_nodes (
      level smallint,
      index bigint,
      hash bytea NOT NULL CHECK (octet_length(hash) = 32),
      PRIMARY KEY (level, index)
    )`,
  sql`
    CREATE TABLE ledger_checkpoints (
      size bigint PRIMARY KEY,
      note text NOT NULL,
      signed_at timestamptz NOT NULL
    )`,
  sql`
    CREATE TABLE ledger_published (
      destination text,
      size bigint,
      at timestamptz NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (destination, size)
    )`,
  // Lines up to this number are all sealed or were never committed: where the notary looks on from.
  sql`CREATE TABLE ledger_notary (settled_seq bigint NOT NULL)`,
  sql`INSERT INTO ledger_notary (settled_seq) VALUES (0)`,
  ...proofTables.flatMap((table) => [
    sql`
    CREATE TRIGGER ledger_rows_stay BEFORE UPDATE OR DELETE ON ${sql.table(table)}
    FOR EACH ROW EXECUTE FUNCTION ledger_is_insert_only()`,
    sql`
    CREATE TRIGGER ledger_stays BEFORE TRUNCATE ON ${sql.table(table)}
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_insert_only()`,
  ]),
];

/** The notary's own role may seal and publish, and change nothing that is written; the workers may only look. */
const roles = [
  sql`
    DO $$ BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'belay_notary') THEN
        CREATE ROLE belay_notary NOLOGIN;
      END IF;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL;
      WHEN insufficient_privilege THEN RAISE NOTICE 'role belay_notary was not made: no right to create roles';
    END $$`,
  sql`REVOKE EXECUTE ON FUNCTION ledger_make_month(date), ledger_make_months(), ledger_takes_a_line() FROM PUBLIC`,
  sql`
    DO $$ BEGIN
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'belay_app') THEN
        GRANT SELECT, INSERT ON ledger TO belay_app;
        GRANT SELECT ON ledger_leaves, ledger_nodes, ledger_checkpoints, ledger_published TO belay_app;
        GRANT EXECUTE ON FUNCTION ledger_make_months() TO belay_app;
      END IF;
      IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'belay_notary') THEN
        GRANT SELECT, INSERT ON ledger, ledger_leaves, ledger_nodes, ledger_checkpoints, ledger_published TO belay_notary;
        GRANT SELECT ON runs, ledger_ids, ledger_numbers TO belay_notary;
        GRANT SELECT, UPDATE ON ledger_notary TO belay_notary;
        GRANT EXECUTE ON FUNCTION ledger_make_months() TO belay_notary;
      END IF;
    END $$`,
];

/** Lines that go in one statement: about a second's work, far below the store's patience. */
const movedAtOnce = 20_000;

async function move(db: Kysely<unknown>): Promise<void> {
  const { rows: found } = await sql<{ month: string }>`
    SELECT DISTINCT to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-01') AS month FROM ledger_whole`.execute(
    db,
  );
  for (const { month } of found) await sql`SELECT ledger_make_month(${month}::date)`.execute(db);
  for (let after = 0; ;) {
    const { rows } = await sql<{ last: number | null }>`
      WITH moved AS (
        INSERT INTO ledger (${columns})
        SELECT ${columns} FROM ledger_whole WHERE seq > ${after} ORDER BY seq LIMIT ${movedAtOnce}
        RETURNING seq, id
      ), named AS (INSERT INTO ledger_ids SELECT id FROM moved)
      SELECT max(seq) AS last FROM moved`.execute(db);
    const last = rows[0]?.last ?? null;
    if (last === null) break;
    after = last;
  }
  await sql`SELECT setval('ledger_numbers', greatest(1, (SELECT max(seq) FROM ledger_whole)),
    EXISTS (SELECT FROM ledger_whole))`.execute(db);
  await sql`DROP TABLE ledger_whole`.execute(db);
}

export const ledgerProof: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of [...setAside, ...months, ...monthFunctions])
      await statement.execute(db);
    await move(db);
    await sql`SELECT ledger_make_months()`.execute(db);
    for (const statement of [...guards, ...proof, ...roles]) await statement.execute(db);
  },
};
