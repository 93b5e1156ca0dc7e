/** `belay trust verify`: are the counts those of the ledger, and is every promotion in force one that people signed? Changes nothing. */
import { existsSync, readFileSync } from 'node:fs';
import { sql } from 'kysely';
import { z } from 'zod';
import type { Db } from '../../../activities/store/db.js';
import { keyText, type RecordKey } from '../../../activities/store/trust/ceiling.js';
import { discrepancies } from '../../../activities/store/trust/recount.js';
import { parseStatement, statementDigest } from '../../../activities/store/trust/statement.js';
import { reasonOf } from '../reason.js';
import { promotionFile, rulesIn, signersIn } from './folder.js';
import { peopleOf } from './signed.js';

/** What is wrong, a sentence each; empty when nothing is. */
export async function trustProblems(db: Db, folder: string): Promise<string[]> {
  const counted = (await discrepancies(db)).map(({ what, where }) => `${what} is ${where}`);
  const promotions = await promotionsInForce(db);
  const unsigned = promotions.flatMap((promotion) => problemsOf(promotion, folder));
  return [...counted, ...unsigned];
}

interface InForce extends RecordKey {
  readonly digest: string;
  readonly at: Date;
}

async function promotionsInForce(db: Db): Promise<readonly InForce[]> {
  const { rows } = await sql<InForce>`
    SELECT ceilings.action_class AS "actionClass", ceilings.tier, ceilings.environment, ledger.at,
      ledger.detail ->> 'digest' AS digest
    FROM trust_ceilings AS ceilings JOIN ledger ON ledger.id = ceilings.entry
    WHERE ledger.kind = 'trust' AND ledger.detail ->> 'change' = 'promotion'`.execute(db);
  return rows;
}

const fileSchema = z.object({ signed: z.string(), signatures: z.array(z.string()).min(1) });

/** Signatures are judged as of the promotion's day, keys that were revoked since do not count. */
function problemsOf(promotion: InForce, folder: string): string[] {
  const about = `the promotion of ${keyText(promotion)}`;
  try {
    const file = promotionFile(folder, promotion);
    if (!existsSync(file)) return [`${about} has no file ${file}`];
    const { signed, signatures } = fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    const bytes = Buffer.from(signed);
    const statement = parseStatement(bytes);
    if (statementDigest(statement) !== promotion.digest)
      return [`${about} is not what ${file} says`];
    const judging = { signers: signersIn(folder), rules: rulesIn(folder), authors: [] };
    peopleOf({ statement, bytes, signatures }, { ...judging, nowMs: promotion.at.getTime() });
    return [];
  } catch (error) {
    return [`${about} cannot be verified: ${reasonOf(error)}`];
  }
}
