/** Commits a request's alerts to the inbox before anything is acknowledged, within a bound of time, then hands them on. */
import { BatcherFull } from '../../activities/store/batch.js';
import type { Inbox } from '../../activities/store/inbox.js';
import type { Alert } from '../../workflows/domain/alert.js';
import { messageOf } from '../../workflows/domain/failure.js';
import { seconds } from '../../workflows/domain/time.js';
import type { Handed } from './dispatcher.js';
import type { Instruments } from './instruments.js';
import { Unavailable } from './refusal.js';
import type { Log } from './server.js';

export interface AcceptanceParts {
  readonly inbox: Pick<Inbox, 'add'>;
  /** Takes what was committed just now; may let go of it, the inbox has it. */
  readonly hand: (rows: readonly Handed[]) => void;
  /** Why nothing can be taken in now, or null. */
  readonly closed: () => Unavailable | null;
  readonly instruments: Instruments;
  readonly log: Log;
}

/**
 * Below the patience of every sender we know and the database's own bounds; what is committed after it is a repeat when
 * the sender comes back.
 */
const commitTimeoutMs = seconds(4);

/** Resolves once all are committed; throws Unavailable otherwise, and then the sender must keep them. */
export async function accept(parts: AcceptanceParts, alerts: readonly Alert[]): Promise<void> {
  const closed = parts.closed();
  if (closed) throw closed;
  const taken = await committed(parts, alerts);
  const rows: Handed[] = [];
  taken.forEach(({ id, isNew, behind }, index) => {
    const alert = alerts[index];
    if (alert === undefined) return;
    parts.instruments.accepted.add(1, { source: alert.source, new: String(isNew) });
    if (isNew) rows.push({ id, alert, behind, receivedAtMs: Date.now(), attempts: 0 });
  });
  parts.hand(rows);
}

async function committed(parts: AcceptanceParts, alerts: readonly Alert[]) {
  try {
    return await within(parts.inbox.add(alerts));
  } catch (error) {
    throw error instanceof Unavailable ? error : unavailable(parts, error);
  }
}

function unavailable({ log }: AcceptanceParts, error: unknown): Unavailable {
  if (error instanceof BatcherFull) {
    return new Unavailable('overloaded', 'too many requests wait for a commit');
  }
  log.warn(
    { why: messageOf(error) },
    'alerts could not be committed; the sender was told to retry',
  );
  return new Unavailable('store-away', 'the alerts could not be committed');
}

/** Rejects when the commit takes too long; its late answer is let go. */
function within<Answer>(commit: Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new Unavailable('store-slow', 'the commit takes too long'));
    const timer = setTimeout(late, commitTimeoutMs);
    commit.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
