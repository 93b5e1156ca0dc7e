/**
 * Reads the policy file and answers from it; keeps it in memory until its time or size changes.
 * A file that cannot be read or is invalid is never replaced by an older copy: unknown means no.
 */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import type { Tier } from '../../workflows/domain/entry.js';
import { messageOf } from '../../workflows/domain/failure.js';
import { known, type Known } from '../../workflows/domain/verdict.js';
import { judgePolicy, type PolicyJudgement, type PolicyQuestion } from './judge.js';
import { parsePolicy } from './parse.js';
import type { PolicyTable } from './table.js';

/** What policy answers to one proposal, with the digest of the file it answered from. */
export interface PolicyAnswer extends PolicyJudgement {
  readonly self: readonly string[];
  /** Lower-case hex SHA-256 of the file's bytes. */
  readonly digest: string;
}

export interface Policy {
  /** Never throws: a file that cannot be used is `known: false`. */
  ask(question: PolicyQuestion): Promise<Known<PolicyAnswer>>;
  /** Null when the file cannot be used or does not name the service. */
  tierOf(service: string): Promise<Tier | null>;
}

interface Loaded {
  readonly table: PolicyTable;
  readonly digest: string;
}

/** Policy from a file that is read again when it changes; while it is wrong, every question is answered with why. */
export function createPolicy({ path }: { readonly path: string }): Policy {
  let kept: { readonly stamp: string; readonly loading: Promise<Loaded> } | undefined;
  /** Questions that come while the file is being read wait for that one reading. */
  const load = async (): Promise<Loaded> => {
    const stamp = await stampOf(path);
    if (kept?.stamp !== stamp) kept = { stamp, loading: readTable(path) };
    return kept.loading;
  };
  return {
    async ask(question) {
      try {
        const { table, digest } = await load();
        return known(answerFrom(table, { digest, question }));
      } catch (error) {
        return { known: false, why: messageOf(error) };
      }
    },
    async tierOf(service) {
      const loaded = await load().catch(() => undefined);
      return loaded === undefined ? null : tierIn(loaded.table, service);
    },
  };
}

/** Answers from a table that is already there; the simulator has one without a file. */
export function createTablePolicy(table: PolicyTable, digest: string): Policy {
  return {
    ask: (question) => Promise.resolve(known(answerFrom(table, { digest, question }))),
    tierOf: (service) => Promise.resolve(tierIn(table, service)),
  };
}

/** Throws with the path and the fix in the message. */
export async function readPolicyFile(path: string): Promise<PolicyTable> {
  return (await readTable(path)).table;
}

function answerFrom(
  table: PolicyTable,
  { digest, question }: { readonly digest: string; readonly question: PolicyQuestion },
): PolicyAnswer {
  return { ...judgePolicy(table, question), self: table.self, digest };
}

function tierIn(table: PolicyTable, service: string): Tier | null {
  return Object.hasOwn(table.services, service) ? (table.services[service]?.tier ?? null) : null;
}

/** The inode too: editors and configuration tools replace files by renaming. */
async function stampOf(path: string): Promise<string> {
  const { mtimeMs, size, ino } = await stat(path);
  return `${mtimeMs}/${size}/${ino}`;
}

async function readTable(path: string): Promise<Loaded> {
  const bytes = await readFile(path);
  const table = parsePolicy(bytes.toString('utf8'), path);
  return { table, digest: createHash('sha256').update(bytes).digest('hex') };
}
