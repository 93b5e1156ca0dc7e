/** What the store knows of a batch of runs: have they come to their outcome, do they wait. Only reads. */
import type { Db } from '../../../activities/store/db.js';
import { until } from './until.js';

const withinMs = 120_000;

/** Unix milliseconds at which the last of them was committed as ended. Throws when one ends other than `resolved`. */
export async function allResolved(db: Db, runs: readonly string[]): Promise<number> {
  await until({ what: `${runs.length} runs to end`, withinMs }, async () => {
    const rows = await db
      .selectFrom('runs')
      .select(['outcome', 'why', ({ fn }) => fn.countAll<number>().as('count')])
      .where('run', 'in', runs)
      .where('outcome', 'is not', null)
      .groupBy(['outcome', 'why'])
      .execute();
    const other = rows.find(({ outcome }) => outcome !== 'resolved');
    if (other !== undefined) throw new Error(`a run ended ${other.outcome}: ${other.why ?? ''}`);
    return rows.reduce((total, { count }) => total + count, 0) === runs.length ? true : undefined;
  });
  const last = await db
    .selectFrom('ledger')
    .select(({ fn }) => fn.max('recorded_at').as('at'))
    .where('run', 'in', runs)
    .where('kind', '=', 'outcome')
    .executeTakeFirstOrThrow();
  return last.at.getTime();
}

/** Resolves once each has its outcome, whichever. */
export async function allEnded(db: Db, runs: readonly string[]): Promise<void> {
  await until({ what: `${runs.length} runs to end`, withinMs }, async () => {
    const { count } = await db
      .selectFrom('runs')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('run', 'in', runs)
      .where('outcome', 'is not', null)
      .executeTakeFirstOrThrow();
    return count === runs.length ? true : undefined;
  });
}

/** The plan hashes they wait with for a person, by run. */
export async function allWaiting(
  db: Db,
  runs: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  return until({ what: `${runs.length} runs to wait for people`, withinMs }, async () => {
    const rows = await db
      .selectFrom('runs')
      .select(['run', 'plan_hash'])
      .where('run', 'in', runs)
      .where('state', '=', 'waiting')
      .execute();
    if (rows.length < runs.length) return undefined;
    return new Map(rows.map(({ run, plan_hash }) => [run, plan_hash ?? '']));
  });
}
