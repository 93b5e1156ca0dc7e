/**
 * Asks the gates and takes the leases in one transaction, all or nothing.
 * What is counted is locked first, then the leases, before anything is read: whoever gave one back has then committed why, a
 * quarantine included, and nobody else counts the same scope meanwhile. A lease is the run's share of service, zone and fleet.
 */
import { sql } from 'kysely';
import { known } from '../../workflows/domain/verdict.js';
import type { StopOrder } from '../../workflows/gates/gate.js';
import { notPassed } from '../../workflows/gates/index.js';
import type { Judgement, JudgeInput, Pages } from '../../workflows/store.js';
import type { GuardTerms } from '../guards/source.js';
import type { Db } from './db.js';
import { askedOf, isOver, readFacts, RunOver, type Asked } from './facts.js';
import { changedStorms } from './guards/guard-facts.js';
import { lateLocksOf, locking, lockScopes } from './guards/locks.js';
import { writeStorms } from './guards/storm-stands.js';
import { decisionPages, judge, type Heard } from './judgement.js';
import type { Writing } from './pages.js';
import type { PolicyAnswer } from './policy.js';
import { weighed } from './policy-facts.js';
import { writeAndLearn } from './trust/learn.js';
import type { Known } from '../../workflows/domain/verdict.js';

export interface Admission {
  readonly input: JudgeInput;
  readonly policy: Known<PolicyAnswer>;
  readonly guards: Known<GuardTerms>;
  readonly alsoStopped: Known<readonly StopOrder[]>;
  /** The pages of the input, and of the decision once it is known. */
  writingOf(decision: Pages): Writing;
}

/** Throws when the transaction cannot be had or a fact cannot be read; then nothing was taken or written. */
export async function admitInOneTransaction(db: Db, admission: Admission): Promise<Judgement> {
  const { input, guards } = admission;
  const asked = askedOf(input, guards);
  // Each statement must see what was committed before it, not before the first: hence this level.
  return db
    .transaction()
    .setIsolationLevel('read committed')
    .execute(async (transaction) => {
      const locked = await lockLeases(transaction, asked);
      const { heard, judgement } = await judged(transaction, { admission, asked, locked });
      const passed = notPassed(judgement.gates) === undefined;
      const fresh = locked.filter((lease) => lease.fresh).map(({ target }) => target);
      const writing = admission.writingOf(decisionPages(input, judgement, heard));
      const admitted = passed && asked.wanted.known ? asked.wanted.value.steps : [];
      await writeAndLearn(transaction, { ...writing, dropped: passed ? [] : fresh, admitted });
      return judgement;
    });
}

interface Judging {
  readonly admission: Admission;
  readonly asked: Asked;
  readonly locked: readonly LockedLease[];
}

/** A yes that must be exact where only some states ask for it is read and judged once more, under a lock of its own. */
async function judged(
  db: Db,
  { admission, asked, locked }: Judging,
): Promise<{ readonly heard: Heard; readonly judgement: Judgement }> {
  const { input, policy, alsoStopped } = admission;
  const others = locked.filter(({ holder }) => holder !== asked.run);
  const look = async () => {
    const { stored, counted } = await readFacts(db, asked);
    const unweighed = { stored: { ...stored, leases: known(others) }, policy, alsoStopped };
    const heard = weighed(asked, unweighed);
    return { heard, judgement: judge(input, heard), counted };
  };
  let seen = await look();
  const late = lateLocksOf(seen.heard.stored.guards);
  if (late.length > 0 && notPassed(seen.judgement.gates) === undefined) {
    await lockScopes(db, late);
    seen = await look();
  }
  if (asked.wanted.known && seen.counted !== null)
    await writeStorms(db, changedStorms(asked.wanted.value, seen.counted));
  return seen;
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
async function lockLeases(db: Db, asked: Asked): Promise<readonly LockedLease[]> {
  const { run, targets, wanted } = asked;
  const { locks, service, zone } = wanted.known ? wanted.value : nowhere;
  const { rows } = await sql<LockedLease>`
    WITH turn AS MATERIALIZED (${locking(locks)})
    INSERT INTO leases AS lease (target, holder, service, zone)
    SELECT target, ${run}, ${service}, ${zone} FROM unnest(${targets}::text[]) AS asked(target)
    WHERE (SELECT count(*) FROM turn) >= 0 AND NOT ${isOver(run)}
    ORDER BY target
    ON CONFLICT (target) DO UPDATE SET holder = lease.holder
    RETURNING target, holder, (xmax = 0) AS fresh`.execute(db);
  if (rows.length === targets.length)
    return rows.toSorted((a, b) => (a.target < b.target ? -1 : 1));
  throw new RunOver(run);
}

/** The rules are not known: nothing will be let in. */
const nowhere = { locks: [], service: null, zone: null } as const;
