/** `belay trust propose` and `belay trust promote`: the statement with its evidence, and what follows once people signed it. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { sql } from 'kysely';
import type { Db } from '../../../activities/store/db.js';
import { promoteTrust } from '../../../activities/store/trust/change.js';
import { keyText, type RecordKey } from '../../../activities/store/trust/ceiling.js';
import { latestDrills } from '../../../activities/store/trust/drills.js';
import { prerequisitesOf, type Standing } from '../../../activities/store/trust/prerequisites.js';
import { listRecords } from '../../../activities/store/trust/record.js';
import {
  parseStatement,
  statementDigest,
  statementOf,
  type Statement,
} from '../../../activities/store/trust/statement.js';
import { projectFolder } from '../../engine/project-folder.js';
import { Complaint, misused, refused } from '../complaint.js';
import { reasonOf } from '../reason.js';
import { promotionFile, rulesIn, signersIn } from './folder.js';
import { authorsOf, commitFile, isRepository } from './repository.js';
import { peopleOf, type Signed } from './signed.js';

/** Throws a Complaint when there is no such record. */
export async function standingOf(db: Db, key: RecordKey, folder: string): Promise<Standing> {
  const [records, drills] = await Promise.all([listRecords(db, key.actionClass), latestDrills(db)]);
  const record = records.find((found) => keyText(found) === keyText(key));
  if (record === undefined) {
    throw refused(`${keyText(key)} has no record yet`, 'belay trust lists those that have');
  }
  return { record, drills, rules: rulesIn(folder), nowMs: Date.now() };
}

/** Throws a Complaint with everything that is missing: what cannot be promoted is not to be signed. */
export async function propose(
  db: Db,
  { key, folder, by }: { readonly key: RecordKey; readonly folder: string; readonly by: string },
): Promise<Statement> {
  const standing = await standingOf(db, key, folder);
  requireMet(standing);
  try {
    return await statementOf(db, { standing, proposedBy: by });
  } catch (error) {
    if (error instanceof RangeError) throw refused(error.message, 'there is nothing to propose');
    throw error;
  }
}

function requireMet(standing: Standing): void {
  const unmet = prerequisitesOf(standing).filter(({ met }) => !met);
  if (unmet.length === 0) return;
  const says = unmet.map((prerequisite) => prerequisite.says).join('; ');
  throw refused(`${keyText(standing.record)} cannot be promoted yet`, says);
}

export interface Promoting {
  readonly statementFile: string;
  readonly signatureFiles: readonly string[];
  readonly folder: string;
}

export interface Promoted {
  readonly statement: Statement;
  readonly signers: readonly string[];
  readonly file: string;
  /** Null where the folder is in no repository. */
  readonly commit: string | null;
}

/** Verifies everything anew, then writes ledger line, file and commit together or not at all. */
export async function promote(db: Db, promoting: Promoting): Promise<Promoted> {
  const { folder } = promoting;
  const signed = readSigned(promoting);
  const { statement } = signed;
  const standing = await standingOf(db, statement.record, folder);
  const { rules, nowMs, record } = standing;
  if (Date.parse(statement.expiresAt) < nowMs) {
    throw refused(
      `the statement expired at ${statement.expiresAt}`,
      'belay trust propose makes another',
    );
  }
  if (statement.to !== Math.max(3, statement.from + 1)) {
    throw refused(
      `from ${statement.from} to ${statement.to} is more than one level`,
      'propose again',
    );
  }
  const authors = await authorsOf(projectFolder(), record.runbooks);
  const signers = peopleOf(signed, { signers: signersIn(folder), rules, authors, nowMs });
  requireMet(standing);
  await requireOurs(db, statement);
  const file = promotionFile(folder, statement.record);
  const kept = new KeptFile(file, promotionText(signed, signers));
  let commit: string | null = null;
  try {
    const { since, from, to } = statement;
    const promotion = { ...statement.record, from, to, since, signers, statement };
    await promoteTrust(db, { ...promotion, digest: statementDigest(statement) }, async () => {
      kept.write();
      if (await isRepository(folder))
        commit = await commitFile(file, messageOf(statement, signers));
    });
  } catch (error) {
    if (commit === null) kept.restore();
    if (error instanceof Complaint) throw error;
    throw refused(`nothing was promoted: ${reasonOf(error)}`, 'mend that, or propose again');
  }
  return { statement, signers, file, commit };
}

/** A drill's id is chance: a statement about another engine's record names drills that are not in this ledger. */
async function requireOurs(db: Db, { evidence }: Statement): Promise<void> {
  const named = evidence.drills.map(({ entry }) => entry);
  const { rows } = await sql<{ found: number }>`
    SELECT count(*) AS found FROM ledger WHERE kind = 'drill' AND id = ANY(${named}::text[])`.execute(
    db,
  );
  if (named.length > 0 && rows[0]?.found === named.length) return;
  throw refused('the statement names drills that are not in this ledger', 'propose again, here');
}

function readSigned({ statementFile, signatureFiles }: Promoting): Signed {
  if (signatureFiles.length === 0) throw misused('no signature is given', '--signature <file>');
  const bytes = readGiven(statementFile);
  const signatures = signatureFiles.map((path) => readGiven(path).toString('utf8'));
  try {
    return { bytes, statement: parseStatement(bytes), signatures };
  } catch (error) {
    throw refused(`${statementFile}: ${reasonOf(error)}`, 'belay trust propose prints a statement');
  }
}

const bytesMax = 200_000;

function readGiven(path: string): Buffer {
  try {
    const bytes = readFileSync(path);
    if (bytes.length <= bytesMax) return bytes;
  } catch (error) {
    throw misused(`${path} cannot be read (${reasonOf(error)})`, 'give a readable file');
  }
  throw misused(`${path} has more than ${bytesMax} bytes`, 'that is no statement and no signature');
}

function promotionText(
  { statement, bytes, signatures }: Signed,
  signers: readonly string[],
): string {
  const text = bytes.toString('utf8');
  return `${JSON.stringify({ v: 1, statement, signed: text, signatures, signers }, null, 2)}\n`;
}

function messageOf({ record, from, to }: Statement, signers: readonly string[]): string {
  return `Promote ${keyText(record)} from level ${from} to ${to}, signed by ${signers.join(', ')}`;
}

/** A file that is put back as it was when what it belongs to did not happen. */
class KeptFile {
  private before: Buffer | null | undefined;

  constructor(
    private readonly path: string,
    private readonly text: string,
  ) {}

  write(): void {
    this.before = existsSync(this.path) ? readFileSync(this.path) : null;
    const beside = `${this.path}.new`;
    writeFileSync(beside, this.text);
    renameSync(beside, this.path);
  }

  restore(): void {
    if (this.before === undefined) return;
    if (this.before === null) rmSync(this.path, { force: true });
    else writeFileSync(this.path, this.before);
  }
}
