/** What became of a signal: the run says so in the ledger, and this waits for it, for a few seconds at most. */
import type { LedgerRow } from '../../activities/store/schema.js';
import { seconds } from '../../workflows/domain/time.js';
import { withDb } from './connections.js';
import { awaitLine, lastSeq, LedgerTail } from './ledger-tail.js';
import type { Terminal } from './terminal.js';

export interface Sent {
  readonly run: string;
  readonly signal: string;
  readonly by: string;
}

export interface Heard {
  /** Null when nobody said anything in time: the run is in the middle of something, or the ledger cannot be read. */
  readonly counted: boolean | null;
  readonly says: string;
}

const withinMs = seconds(3);
const everyMs = 100;

/** Sends between two looks at the ledger. A ledger that is away does not keep anything from being sent. */
export async function heardOf(
  terminal: Pick<Terminal, 'env' | 'ending'>,
  sent: Sent,
  send: () => Promise<void>,
): Promise<Heard> {
  const sending: { state: 'before' | 'under way' | 'done' } = { state: 'before' };
  const sendNow = async (): Promise<void> => {
    sending.state = 'under way';
    await send();
    sending.state = 'done';
  };
  try {
    return await withDb(terminal, async (db) => {
      const tail = new LedgerTail(db, await lastSeq(db));
      await sendNow();
      return await answerIn(tail, sent, terminal);
    });
  } catch (error) {
    if (sending.state === 'under way') throw error;
    if (sending.state === 'before') await sendNow();
    return { counted: null, says: 'whether it counts is not known: the ledger cannot be read' };
  }
}

async function answerIn(
  tail: LedgerTail,
  { run, signal, by }: Sent,
  { ending }: Pick<Terminal, 'ending'>,
): Promise<Heard> {
  const isAnswer = (row: LedgerRow): boolean =>
    row.run === run && row.kind === 'signal' && row.actor === by && signalIn(row) === signal;
  const untilMs = Date.now() + withinMs;
  const row = await awaitLine(tail, { everyMs, untilMs, ending }, isAnswer);
  if (row !== undefined) return { counted: countedIn(row), says: row.says };
  const says = `the run has not taken it up within ${withinMs / 1000} s; belay show ${run} will tell`;
  return { counted: null, says };
}

function signalIn(row: LedgerRow): unknown {
  return detailOf(row)['signal'];
}

function countedIn(row: LedgerRow): boolean {
  return detailOf(row)['counted'] === true;
}

/** As fields; empty when it has none. */
function detailOf({ detail }: LedgerRow): Readonly<Record<string, unknown>> {
  return typeof detail === 'object' && detail !== null ? { ...detail } : {};
}
