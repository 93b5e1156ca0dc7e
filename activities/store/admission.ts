/**
 * Asks the gates and takes the leases in one transaction, all or nothing.
 * The leases are locked before anything is read: whoever gave one back has then committed why, a quarantine included.
 */
import { sql } from 'kysely';
import { known } from '../../workflows/domain/verdict.js';
import { notPassed } from '../../workflows/gates/index.js';
import type { Judgement, JudgeInput, Pages } from '../../workflows/store.js';
import type { Db } from './db.js';
import { askedOf, isOver, readFacts, RunOver, type Asked } from './facts.js';
import { decisionPages, judge, type Heard } from './judgement.js';
import { write, type Writing } from './pages.js';
import type { PolicyAnswer } from './policy.js';
import type { Known } from '../../workflows/domain/verdict.js';

export interface Admission {
  readonly input: JudgeInput;
  readonly policy: Known<PolicyAnswer>;
  /** The pages of the input, and of the decision once it is known. */
  writingOf(decision: Pages): Writing;
}

/** Throws when the transaction cannot be had or a fact cannot be read; then nothing was taken or written. */
export async function admitInOneTransaction(db: Db, admission: Admission): Promise<Judgement> {
  const { input, policy } = admission;
  const asked = askedOf(input);
  // Each statement must see what was committed before it, not before the first: hence this level.
  return db
    .transaction()
    .setIsolationLevel('read committed')
    .execute(async (transaction) => {
      const locked = await lockLeases(transaction, asked);
      const facts = await readFacts(transaction, asked);
      const others = locked.filter(({ holder }) => holder !== asked.run);
      const heard: Heard = { stored: { ...facts, leases: known(others) }, policy };
      const judgement = judge(input, heard);
      const passed = notPassed(judgement.gates) === undefined;
      const fresh = locked.filter((lease) => lease.fresh).map(({ target }) => target);
      const writing = admission.writingOf(decisionPages(input, judgement, heard));
      await write(transaction, { ...writing, dropped: passed ? [] : fresh });
      return judgement;
    });
}

interface LockedLease {
  readonly target: string;
  readonly holder: string;
  readonly fresh: boolean;
}

/**
 * In the order of targets, so that two admissions never block each other. A run whose outcome is out gets none, unless it is a
 * resolved one that may be taken back: a worker that was slow, or that repeats what an earlier one did, is not let in again.
 */
async function lockLeases(db: Db, { run, targets }: Asked): Promise<readonly LockedLease[]> {
  const { rows } = await sql<LockedLease>`
    INSERT INTO leases AS lease (target, holder)
    SELECT target, ${run} FROM unnest(${targets}::text[]) AS asked(target)
    WHERE NOT ${isOver(run)}
    ORDER BY target
    ON CONFLICT (target) DO UPDATE SET holder = lease.holder
    RETURNING target, holder, (xmax = 0) AS fresh`.execute(db);
  if (rows.length === targets.length)
    return rows.toSorted((a, b) => (a.target < b.target ? -1 : 1));
  throw new RunOver(run);
}
