/**
 * Counts the whole ledger again and compares: what the tables hold must be what its lines say. Changes nothing.
 * A ceiling is the level of the record's last line, for whoever writes one holds the record. Of months that were retired from
 * the ledger nothing can be counted: runs without their first line, and low ceilings older than the ledger, are passed over.
 */
import { sql } from 'kysely';
import type { Level } from '../../../workflows/domain/level.js';
import type { Db } from '../db.js';
import { ceilingByDefault } from './ceiling.js';
import { factsOfRuns } from './learn.js';
import { countedRuns } from './trust-lines.js';

/** Runs looked at together. */
const runsAtOnce = 500;

export interface Recounted {
  /** `class/tier/environment/run/fact/entry`, in order. */
  readonly facts: readonly string[];
  /** `class/tier/environment=level`, in order. */
  readonly ceilings: readonly string[];
}

/** From the ledger alone. */
export async function recountLedger(db: Db): Promise<Recounted> {
  const facts: string[] = [];
  for (let after = ''; ;) {
    const runs = await countedRuns(db, after, runsAtOnce);
    const last = runs.at(-1);
    if (last === undefined) break;
    for (const { actionClass, tier, environment, run, fact, entry } of await factsOfRuns(db, runs))
      facts.push([actionClass, tier, environment, run, fact, entry].join('/'));
    after = last;
  }
  const { rows } = await sql<{ key: string; level: Level }>`
    SELECT DISTINCT ON (action_class, tier, environment)
      concat_ws('/', action_class, tier, environment) AS key, level
    FROM ledger WHERE kind = 'trust' AND action_class IS NOT NULL
    ORDER BY action_class, tier, environment, seq DESC`.execute(db);
  return {
    facts: facts.toSorted(),
    ceilings: rows.map(({ key, level }) => `${key}=${level}`).toSorted(),
  };
}

/** From the tables that were kept line by line; a ceiling nobody set yet is none. */
export async function keptTrust(db: Db): Promise<Recounted> {
  const { rows: facts } = await sql<{ kept: string }>`
    SELECT concat_ws('/', action_class, tier, environment, run, fact, entry) AS kept FROM trust_facts
    WHERE EXISTS (SELECT FROM ledger WHERE ledger.run = trust_facts.run AND kind = 'opened')`.execute(
    db,
  );
  const { rows: ceilings } = await sql<{ kept: string }>`
    SELECT concat_ws('/', action_class, tier, environment) || '=' || ceiling AS kept
    FROM trust_ceilings
    WHERE entry <> '' AND (ceiling > ${ceilingByDefault}
      OR changed_at >= (SELECT recorded_at FROM ledger ORDER BY seq LIMIT 1))`.execute(db);
  return {
    facts: facts.map(({ kept }) => kept).toSorted(),
    ceilings: ceilings.map(({ kept }) => kept).toSorted(),
  };
}

export interface Discrepancy {
  readonly what: string;
  /** In the ledger and not in the tables, or the other way round. */
  readonly where: 'only in the ledger' | 'only in the tables';
}

/** Empty when the tables say what the ledger says. */
export async function discrepancies(db: Db): Promise<Discrepancy[]> {
  const [told, kept] = await Promise.all([recountLedger(db), keptTrust(db)]);
  const all = ({ facts, ceilings }: Recounted): string[] => [...facts, ...ceilings];
  const [ledger, tables] = [new Set(all(told)), new Set(all(kept))];
  return [
    ...[...ledger]
      .filter((what) => !tables.has(what))
      .map((what) => ({ what, where: 'only in the ledger' }) as const),
    ...[...tables]
      .filter((what) => !ledger.has(what))
      .map((what) => ({ what, where: 'only in the tables' }) as const),
  ];
}
