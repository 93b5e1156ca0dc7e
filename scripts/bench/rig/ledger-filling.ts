/** Fills a store with the lines of runs that never were, copied from one that the store wrote itself. Measures nothing. */
import { sql } from 'kysely';
import type { Db } from '../../../activities/store/db.js';

/** One statement's worth: a few hundred milliseconds, far below the store's patience. */
const runsPerStatement = 1_000;

/** How many lines the ledger has. */
export async function ledgerCount(db: Db): Promise<number> {
  const { count } = await db
    .selectFrom('ledger')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

/** Adds whole runs until there are so many lines. Answers how many there are then, at most one run's lines more. */
export async function fillTo(
  db: Db,
  { template, entries }: { readonly template: string; readonly entries: number },
): Promise<number> {
  const { lines } = await linesIn(db, template);
  let count = await ledgerCount(db);
  while (count < entries) {
    const runs = Math.min(runsPerStatement, Math.ceil((entries - count) / lines));
    await copy(db, { template, runs, mark: `filler-${count}-` });
    count += runs * lines;
  }
  // as autovacuum does on a store that grew over weeks
  for (const table of ['ledger', 'runs', 'notices'])
    await sql`ANALYZE ${sql.ref(table)}`.execute(db);
  return count;
}

async function linesIn(db: Db, run: string): Promise<{ lines: number }> {
  return db
    .selectFrom('ledger')
    .select(({ fn }) => fn.countAll<number>().as('lines'))
    .where('run', '=', run)
    .executeTakeFirstOrThrow();
}

async function copy(
  db: Db,
  {
    template,
    runs,
    mark,
  }: { readonly template: string; readonly runs: number; readonly mark: string },
): Promise<void> {
  await sql`
    INSERT INTO ledger (id, run, runbook, digest, service, environment, tier, kind, action_class, trigger, actor, level,
      reason, outcome, step, says, expected, actual, before_state, after_state, duration_ms, at, detail)
    SELECT encode(sha256((l.id || ${mark} || n)::bytea), 'hex'), ${mark} || n, runbook, digest, 'heals-' || (n % 600),
      environment, tier, kind, action_class, trigger, actor, level, reason, outcome, step, says, expected, actual,
      before_state, after_state, duration_ms, at, detail
    FROM generate_series(1, ${runs}::int) AS n, ledger AS l
    WHERE l.run = ${template} ORDER BY n, l.seq`.execute(db);
  await sql`
    INSERT INTO runs (run, runbook, service, environment, trigger, alert, state, level, plan_hash, outcome, reason, why,
      opened_at, closed_at)
    SELECT ${mark} || n, runbook, 'heals-' || (n % 600), environment, trigger, alert, 'closed', level, plan_hash, outcome,
      reason, why, opened_at + n * interval '1 millisecond', closed_at
    FROM generate_series(1, ${runs}::int) AS n, runs AS r WHERE r.run = ${template}`.execute(db);
  await sql`
    INSERT INTO notices (id, run, "to", urgency, title, text, delivered_at)
    SELECT encode(sha256((o.id || ${mark} || n)::bytea), 'hex'), ${mark} || n, "to", urgency, title, text, now()
    FROM generate_series(1, ${runs}::int) AS n, notices AS o WHERE o.run = ${template}`.execute(db);
}
