/** Whether the intake may take anything in: the tables are there, the inbox is not over its mark, nobody stops us. Acts on nothing. */
import type { Inbox } from '../../activities/store/inbox.js';
import { messageOf } from '../../workflows/domain/failure.js';
import { seconds } from '../../workflows/domain/time.js';
import { Unavailable } from './refusal.js';
import type { Log } from './server.js';

export interface PressureParts {
  readonly inbox: Pick<Inbox, 'size' | 'reachable'>;
  /** Brings the tables up to date; tried until it works. */
  readonly prepare: () => Promise<unknown>;
  readonly log: Log;
}

export interface Pressure {
  /** Why nothing can be taken in now, or null. */
  closed(): Unavailable | null;
  /** The same for a probe, asking the database itself. Never throws. */
  unready(): Promise<string | null>;
  readonly pending: () => number;
  readonly oldestMs: () => number;
  /** From now on everything is turned away. */
  close(): void;
  stop(): Promise<void>;
}

/** Rows that wait. About 2 GiB; a backlog that large is not worked off before its alerts are stale. */
const pendingMax = 1_000_000;
const everyMs = seconds(2);

/** Begins preparing at once and looks at the inbox's size every two seconds. */
export function createPressure(parts: PressureParts): Pressure {
  let prepared = false;
  let closing = false;
  let size = { pending: 0, oldestMs: 0 };
  const look = async (): Promise<void> => {
    if (!prepared) await parts.prepare();
    prepared = true;
    size = await parts.inbox.size();
  };
  const stop = repeat(look, parts.log);
  const closed = (): Unavailable | null => {
    if (closing) return new Unavailable('stopping', 'this process is stopping');
    if (!prepared) return new Unavailable('store-away', 'the database was not reached yet');
    if (size.pending < pendingMax) return null;
    return new Unavailable('overloaded', `${size.pending} alerts wait to be dispatched`);
  };
  return {
    closed,
    unready: async () => closed()?.message ?? (await unreachable(parts.inbox)),
    pending: () => size.pending,
    oldestMs: () => size.oldestMs,
    close() {
      closing = true;
    },
    stop,
  };
}

async function unreachable(inbox: Pick<Inbox, 'reachable'>): Promise<string | null> {
  try {
    await inbox.reachable();
    return null;
  } catch {
    return 'the database cannot be reached';
  }
}

/** Calls it at once and then again and again, never twice at a time, until the returned function is called. */
function repeat(look: () => Promise<void>, log: Log): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let works = true;
  const turn = async (): Promise<void> => {
    try {
      await look();
      works = true;
    } catch (error) {
      if (works) log.warn({ why: messageOf(error) }, 'the inbox cannot be read');
      works = false;
    }
    if (!stopped) timer = setTimeout(begin, everyMs);
  };
  let turning = turn();
  const begin = (): void => {
    turning = turn();
  };
  return () => {
    stopped = true;
    clearTimeout(timer);
    return turning;
  };
}
