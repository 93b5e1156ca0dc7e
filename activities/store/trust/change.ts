/**
 * What people change of a ceiling: a first grant by the owner, and a promotion that was signed. Each with its ledger line, in one
 * transaction. Who may sign is not decided here; lowering happens by itself, in learn.ts.
 */
import { sql } from 'kysely';
import type { Level } from '../../../workflows/domain/level.js';
import type { Db } from '../db.js';
import { keyText, type RecordKey } from './ceiling.js';
import { badFacts } from './fact.js';
import { idOf } from './learn.js';
import { tellOfTrust, writeTrustLine } from './line.js';

export interface Grant extends RecordKey {
  readonly level: Level;
  /** Both end up in the ledger. */
  readonly by: string;
  readonly why: string;
}

/** The highest level that can be granted; the next one is only earned. */
export const grantMax = 4 satisfies Level;

/**
 * The owner's word for a class of action that has no record yet, once: what it does afterwards decides. Throws a RangeError when
 * there is a record already, the environment is not named or the level is above 4.
 */
export async function grantTrust(db: Db, grant: Grant): Promise<void> {
  const { actionClass, tier, environment, level, by, why } = grant;
  const key: RecordKey = { actionClass, tier, environment };
  if (environment === '' || actionClass === '')
    throw new RangeError('name the class and the environment');
  if (level > grantMax) throw new RangeError(`level ${level} cannot be granted, only earned`);
  const id = idOf(['grant', keyText(key)]);
  const says = `${by} granted ${keyText(key)} level ${level}: ${why}`;
  await db.transaction().execute(async (transaction) => {
    if (await hasRecord(transaction, key)) {
      throw new RangeError(`${keyText(key)} has a record already; what it does decides now`);
    }
    await sql`
      INSERT INTO trust_ceilings (action_class, tier, environment, ceiling, why, entry)
      VALUES (${actionClass}, ${tier}, ${environment}, ${level}, ${says}, ${id})`.execute(
      transaction,
    );
    const detail = { change: 'grant', from: null, to: level, why };
    const line = { id, kind: 'trust', key, actor: `person:${by}`, level, says, detail } as const;
    if (!(await writeTrustLine(transaction, line))) {
      throw new RangeError(`${keyText(key)} was granted once already`);
    }
    await tellOfTrust(transaction, { key, id, says });
  });
}

/** A ceiling of its own, or a bad outcome: then there is nothing left to be granted. */
async function hasRecord(db: Db, { actionClass, tier, environment }: RecordKey): Promise<boolean> {
  const { rows } = await sql<{ there: boolean }>`
    SELECT EXISTS (SELECT FROM trust_ceilings
        WHERE action_class = ${actionClass} AND tier = ${tier} AND environment = ${environment})
      OR EXISTS (SELECT FROM trust_facts
        WHERE action_class = ${actionClass} AND tier = ${tier} AND environment IN (${environment}, '')
          AND fact = ANY(${badFacts}::text[])) AS there`.execute(db);
  return rows[0]?.there ?? true;
}

export interface Promotion extends RecordKey {
  readonly from: Level;
  readonly to: Level;
  /** Ledger line of the record's last change when the statement was made; empty for none. */
  readonly since: string;
  /** Lower-case hex SHA-256 of the signed bytes: a statement counts once. */
  readonly digest: string;
  readonly signers: readonly string[];
  readonly statement: unknown;
}

/**
 * Raises the ceiling, if the record is still as the statement says. `beforeCommit` runs while the record is locked; when it
 * throws, nothing is changed. Throws a RangeError when the record moved on or the statement was used.
 */
export async function promoteTrust(
  db: Db,
  promotion: Promotion,
  beforeCommit: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const { actionClass, tier, environment, from, to, digest, signers, statement } = promotion;
  const key: RecordKey = { actionClass, tier, environment };
  const id = idOf(['promotion', digest]);
  const says = `${keyText(key)} was promoted from ${from} to ${to}, signed by ${signers.join(', ')}`;
  await db.transaction().execute(async (transaction) => {
    await requireUnmoved(transaction, promotion);
    const detail = { change: 'promotion', from, to, digest, signers, statement };
    const actor = `person:${signers[0] ?? ''}`;
    const line = { id, kind: 'trust', key, actor, level: to, says, detail } as const;
    if (!(await writeTrustLine(transaction, line))) {
      throw new RangeError('this statement was used before; a promotion needs a new one');
    }
    await sql`
      UPDATE trust_ceilings SET ceiling = ${to}, why = ${says}, entry = ${id}, changed_at = clock_timestamp()
      WHERE action_class = ${actionClass} AND tier = ${tier} AND environment = ${environment}`.execute(
      transaction,
    );
    await tellOfTrust(transaction, { key, id, says });
    await beforeCommit();
  });
}

/** Locks the record, making it first where there is none. */
async function requireUnmoved(db: Db, promotion: Promotion): Promise<void> {
  const { actionClass, tier, environment, from, since } = promotion;
  await sql`
    INSERT INTO trust_ceilings (action_class, tier, environment, ceiling, why, entry)
    VALUES (${actionClass}, ${tier}, ${environment}, 3, 'nothing was granted or earned yet', '')
    ON CONFLICT (action_class, tier, environment) DO NOTHING`.execute(db);
  const { rows } = await sql<{ ceiling: Level; entry: string }>`
    SELECT ceiling, entry FROM trust_ceilings
    WHERE action_class = ${actionClass} AND tier = ${tier} AND environment = ${environment} FOR UPDATE`.execute(
    db,
  );
  const [row] = rows;
  if (row?.ceiling === from && row.entry === since) return;
  throw new RangeError(
    `the record moved on since the statement was made: it is at ${row?.ceiling ?? 'none'} now; propose again`,
  );
}
