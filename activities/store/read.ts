/** The read side, for the command line and the console: lists with bounds, and one run's story. Writes nothing. */
import type { Db } from './db.js';
import type {
  InboxState,
  LeaseRow,
  LedgerRow,
  NoticeRow,
  QuarantineRow,
  ResumeRequestRow,
  RunRow,
  SwitchRow,
} from './schema.js';

export interface RunsWanted {
  readonly state?: RunRow['state'];
  /** Only those that wait for people. */
  readonly waiting?: boolean;
  readonly service?: string;
  /** 1 to 1,000; 50 by default. */
  readonly limit?: number;
}

/** Rows no list goes beyond, whatever is asked for. */
const rowsMax = 1000;

/** The latest first. */
export async function listRuns(db: Db, wanted: RunsWanted = {}): Promise<RunRow[]> {
  const state = wanted.waiting === true ? 'waiting' : wanted.state;
  let query = db.selectFrom('runs').selectAll();
  if (state !== undefined) query = query.where('state', '=', state);
  if (wanted.service !== undefined) query = query.where('service', '=', wanted.service);
  return query.orderBy('opened_at', 'desc').orderBy('run').limit(boundOf(wanted.limit)).execute();
}

/** Undefined when no run of this id wrote anything yet. */
export function getRun(db: Db, run: string): Promise<RunRow | undefined> {
  return db.selectFrom('runs').selectAll().where('run', '=', run).executeTakeFirst();
}

/** Ids that begin with this text, for people who type the beginning; at most `limit`. */
export async function runsBeginning(db: Db, prefix: string, limit = 10): Promise<string[]> {
  const found = await db
    .selectFrom('runs')
    .select('run')
    .where('run', 'like', `${prefix.replace(/[\\%_]/g, '\\$&')}%`) // the index serves LIKE, not starts_with
    .orderBy('opened_at', 'desc')
    .limit(boundOf(limit))
    .execute();
  return found.map(({ run }) => run);
}

/** In the order in which it was committed; from the line after `afterSeq`. */
export function ledgerOf(db: Db, run: string, afterSeq = 0): Promise<LedgerRow[]> {
  return db
    .selectFrom('ledger')
    .selectAll()
    .where('run', '=', run)
    .where('seq', '>', afterSeq)
    .orderBy('seq')
    .limit(rowsMax)
    .execute();
}

/** Of every run and of none, in order, from the line after `afterSeq`: to follow along. */
export function ledgerAfter(db: Db, afterSeq: number, limit?: number): Promise<LedgerRow[]> {
  return db
    .selectFrom('ledger')
    .selectAll()
    .where('seq', '>', afterSeq)
    .orderBy('seq')
    .limit(boundOf(limit))
    .execute();
}

export interface NoticesWanted {
  readonly run?: string;
  readonly undelivered?: boolean;
  readonly limit?: number;
}

/** The latest first. */
export function listNotices(
  db: Db,
  { run, undelivered, limit }: NoticesWanted = {},
): Promise<NoticeRow[]> {
  let query = db.selectFrom('notices').selectAll();
  if (run !== undefined) query = query.where('run', '=', run);
  if (undelivered === true) query = query.where('delivered_at', 'is', null);
  return query.orderBy('created_at', 'desc').orderBy('id').limit(boundOf(limit)).execute();
}

/** Every scope that is stopped now. */
export function listSwitches(db: Db): Promise<SwitchRow[]> {
  return db.selectFrom('switches').selectAll().orderBy('scope').limit(rowsMax).execute();
}

/** Who asked for something to be resumed that still waits for others; the first first. */
export function listResumeRequests(db: Db): Promise<ResumeRequestRow[]> {
  return db
    .selectFrom('resume_requests')
    .selectAll()
    .orderBy('scope')
    .orderBy('at')
    .limit(rowsMax)
    .execute();
}

/** Every target that waits for a person to release it. */
export function listQuarantine(db: Db): Promise<QuarantineRow[]> {
  return db.selectFrom('quarantine').selectAll().orderBy('target').limit(rowsMax).execute();
}

/** Every target a run holds now. */
export function listLeases(db: Db): Promise<LeaseRow[]> {
  return db.selectFrom('leases').selectAll().orderBy('target').limit(rowsMax).execute();
}

/** How many rows of the inbox are in each state; states without rows are 0. */
export async function inboxCounts(db: Db): Promise<Record<InboxState, number>> {
  const counted = await db
    .selectFrom('inbox')
    .select(({ fn }) => ['state', fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute();
  const none: Record<InboxState, number> = {
    pending: 0,
    dispatched: 0,
    unmatched: 0,
    unparsed: 0,
    dead: 0,
    dropped: 0,
  };
  return { ...none, ...Object.fromEntries(counted.map(({ state, count }) => [state, count])) };
}

function boundOf(limit = 50): number {
  return Math.min(rowsMax, Math.max(1, Math.trunc(limit)));
}
