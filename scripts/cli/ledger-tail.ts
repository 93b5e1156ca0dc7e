/** Follows the ledger from where it is now, by asking again and again; writes nothing and skips no line. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Db } from '../../activities/store/db.js';
import { ledgerAfter } from '../../activities/store/read.js';
import type { LedgerRow } from '../../activities/store/schema.js';

/** The number of the last line; 0 when there is none. */
export async function lastSeq(db: Db): Promise<number> {
  const row = await db
    .selectFrom('ledger')
    .select(({ fn }) => fn.max('seq').as('seq'))
    .executeTakeFirst();
  return Number(row?.seq ?? 0);
}

/** Lines get their numbers before they are committed, so a lower one may appear after a higher one: so far back it looks. */
const overlap = 100;
const rowsMax = 1000;

export class LedgerTail {
  private readonly seen = new Set<number>();
  private reached: number;

  constructor(
    private readonly db: Db,
    private readonly startSeq: number,
  ) {
    this.reached = startSeq;
  }

  /** The lines that are new since the last call, in order. */
  async next(): Promise<LedgerRow[]> {
    const fromSeq = Math.max(this.startSeq, this.reached - overlap);
    const rows = await ledgerAfter(this.db, fromSeq, rowsMax);
    const fresh = rows.filter(({ seq }) => !this.seen.has(seq));
    for (const { seq } of fresh) {
      this.seen.add(seq);
      this.reached = Math.max(this.reached, seq);
    }
    for (const seq of this.seen) if (seq <= this.reached - overlap) this.seen.delete(seq);
    return fresh;
  }
}

export interface Patience {
  readonly everyMs: number;
  readonly untilMs: number;
  readonly ending: AbortSignal;
}

/** The first line that is wanted, or undefined when the time is up or the command is to end. */
export async function awaitLine(
  tail: LedgerTail,
  { everyMs, untilMs, ending }: Patience,
  wanted: (row: LedgerRow) => boolean,
): Promise<LedgerRow | undefined> {
  for (;;) {
    const found = (await tail.next()).find(wanted);
    if (found !== undefined) return found;
    if (ending.aborted || Date.now() >= untilMs) return undefined;
    await sleep(everyMs, undefined, { signal: ending }).catch(() => undefined);
  }
}
