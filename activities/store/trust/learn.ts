/**
 * Counts what lines of the ledger show, in the transaction that writes them, and lowers a ceiling with the line that is bad.
 * It only adds facts and only lowers ceilings; granting and promoting is done by people, elsewhere.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Level } from '../../../workflows/domain/level.js';
import type { Db } from '../db.js';
import { write, type Standing, type Writing } from '../pages.js';
import type { Line } from '../line.js';
import { pgJson } from '../pg-json.js';
import {
  ceilingAfterBad,
  ceilingAfterStuck,
  ceilingByDefault,
  keyText,
  type RecordKey,
} from './ceiling.js';
import { facts, isBad, type FactKind } from './fact.js';
import { factsOf, type ShownFact } from './facts-of-run.js';
import { tellOfTrust, writeTrustLine } from './line.js';
import { trustLinesOf } from './trust-lines.js';

/** A fact with the run that showed it. */
export interface Fact extends ShownFact {
  readonly run: string;
  readonly service: string;
  readonly runbook: string;
  readonly environment: string;
  readonly at: Date;
}

/** Writes, and counts in the same transaction what the lines show; as fast as a plain write where they show nothing. */
export async function writeAndLearn(db: Db, writing: Writing): Promise<readonly Standing[]> {
  const runs = [...new Set(writing.lines.filter(mayCount).map(({ run }) => run))];
  if (runs.length === 0) return write(db, writing);
  if (db.isTransaction) return both(db, writing, runs);
  return db
    .transaction()
    .setIsolationLevel('read committed')
    .execute((transaction) => both(transaction, writing, runs));
}

/** The write locks each run's row, so that of two writers of one run the second sees what the first wrote. */
async function both(
  db: Db,
  writing: Writing,
  runs: readonly string[],
): Promise<readonly Standing[]> {
  const standing = await write(db, writing);
  await learn(db, runs);
  return standing;
}

function mayCount({ kind }: Line): boolean {
  return kind === 'outcome' || kind === 'closed' || kind === 'signal';
}

/** Counts what the ledger shows of these runs and was not counted yet. Must be called in a transaction. */
export async function learn(db: Db, runs: readonly string[]): Promise<void> {
  const learnt = await addFacts(db, await factsOfRuns(db, runs));
  const bad = learnt.filter(({ fact }) => isBad(fact)).toSorted(byRecord);
  for (const fact of bad) await demote(db, fact);
}

/** What the ledger shows of these runs, counted or not. */
export async function factsOfRuns(db: Db, runs: readonly string[]): Promise<Fact[]> {
  const byRun = await trustLinesOf(db, runs);
  return [...byRun.values()].flatMap((lines) =>
    factsOf(lines).flatMap((fact) => {
      const line = lines.find(({ id }) => id === fact.entry);
      if (line === undefined) return [];
      const about = lines.find(({ service }) => service !== null) ?? line; // a person's note names none
      const { run, at } = line;
      const { service, runbook, environment } = about;
      const place = {
        service: service ?? '',
        runbook: runbook ?? '',
        environment: environment ?? '',
      };
      return [{ ...fact, run, ...place, at }];
    }),
  );
}

async function addFacts(db: Db, shown: readonly Fact[]): Promise<Fact[]> {
  if (shown.length === 0) return [];
  const { rows } = await sql<{ run: string; action_class: string; fact: FactKind }>`
    INSERT INTO trust_facts (run, action_class, fact, tier, environment, service, runbook, entry, at)
    SELECT run, "actionClass", fact, tier, environment, service, runbook, entry, at
    FROM jsonb_to_recordset(${pgJson(shown)}::jsonb) AS shown(run text, "actionClass" text, fact text, tier text,
      environment text, service text, runbook text, entry text, at timestamptz)
    ORDER BY run, "actionClass", fact
    ON CONFLICT (run, action_class, fact) DO NOTHING
    RETURNING run, action_class, fact`.execute(db);
  const fresh = new Set(
    rows.map(({ run, action_class, fact }) => `${run} ${action_class} ${fact}`),
  );
  return shown.filter(({ run, actionClass, fact }) => fresh.has(`${run} ${actionClass} ${fact}`));
}

/** In one order everywhere, so that two who lower the same ceilings never block each other. */
function byRecord(a: Fact, b: Fact): number {
  const [left, right] = [keyText(a), keyText(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

interface Fallen extends RecordKey {
  readonly from: Level;
}

async function demote(db: Db, fact: Fact): Promise<void> {
  const to = fact.fact === 'stuck' ? ceilingAfterStuck : ceilingAfterBad;
  for (const fallen of await lower(db, fact, to)) await sayFallen(db, { fact, fallen, to });
}

/** The records it lowers, each with the level it had; an alert without an environment may have meant any of them. */
async function lower(db: Db, fact: Fact, to: Level): Promise<readonly Fallen[]> {
  const { actionClass, tier, environment } = fact;
  await sql`
    INSERT INTO trust_ceilings (action_class, tier, environment, ceiling, why, entry)
    SELECT ${actionClass}, ${tier}, meant.environment, ${ceilingByDefault}::smallint, 'nothing was granted or earned yet', ''
    FROM (
      SELECT ${environment} AS environment
      UNION SELECT environment FROM trust_facts WHERE action_class = ${actionClass} AND tier = ${tier} AND ${environment} = ''
    ) AS meant
    WHERE ${to} < ${ceilingByDefault}::integer
    ORDER BY meant.environment
    ON CONFLICT (action_class, tier, environment) DO NOTHING`.execute(db);
  const { rows } = await sql<{ environment: string; from: Level }>`
    WITH high AS (
      SELECT environment, ceiling FROM trust_ceilings
      WHERE action_class = ${actionClass} AND tier = ${tier} AND (environment = ${environment} OR ${environment} = '')
        AND ceiling > ${to}
      ORDER BY environment FOR UPDATE
    )
    UPDATE trust_ceilings AS lowered SET ceiling = ${to}, why = ${whyOf(fact)}, entry = ${fact.entry},
      changed_at = clock_timestamp()
    FROM high
    WHERE lowered.action_class = ${actionClass} AND lowered.tier = ${tier} AND lowered.environment = high.environment
    RETURNING lowered.environment, high.ceiling AS from`.execute(db);
  return rows
    .map((row) => ({ actionClass, tier, environment: row.environment, from: row.from }))
    .toSorted((a, b) => (a.environment < b.environment ? -1 : 1));
}

interface Fall {
  readonly fact: Fact;
  readonly fallen: Fallen;
  readonly to: Level;
}

async function sayFallen(db: Db, { fact, fallen, to }: Fall): Promise<void> {
  const key: RecordKey = fallen;
  const id = idOf(['demotion', fact.entry, fact.fact, keyText(key)]);
  const says = `${keyText(key)} was lowered from ${fallen.from} to ${to}: ${whyOf(fact)}`;
  const detail = {
    change: 'demotion',
    from: fallen.from,
    to,
    because: fact.fact,
    run: fact.run,
    entry: fact.entry,
  };
  await writeTrustLine(db, { id, kind: 'trust', key, actor: 'belay', level: to, says, detail });
  await tellOfTrust(db, { key, id, says });
}

function whyOf({ fact, run, runbook }: Fact): string {
  return `run ${run} of ${runbook} showed ${fact}: ${facts[fact]}`;
}

/** Lower-case hex SHA-256; the same of the same parts. */
export function idOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
