/**
 * Commits a request's alerts to the inbox, or its body to the dead letters, before anything is answered and within a bound
 * of time; then hands the alerts on.
 */
import { BatcherFull } from '../../activities/store/batch.js';
import { letterName } from '../../activities/store/dead-letters.js';
import type { DeadLetter, DeadLetters } from '../../activities/store/dead-letters.js';
import { sqlStateOf } from '../../activities/store/pg-error.js';
import type { Received, Reception } from '../../activities/store/reception.js';
import type { Alert } from '../../workflows/domain/alert.js';
import { messageOf } from '../../workflows/domain/failure.js';
import { seconds } from '../../workflows/domain/time.js';
import type { Handed } from './dispatcher.js';
import type { Instruments } from './instruments.js';
import { Poison, Unavailable } from './refusal.js';
import type { Log } from './server.js';

interface CommitParts {
  /** Why nothing can be taken in now, or null. */
  readonly closed: () => Unavailable | null;
  readonly instruments: Instruments;
  readonly log: Log;
}

export interface AcceptanceParts extends CommitParts {
  readonly reception: Reception;
  /** Takes what was committed just now; may let go of it, the inbox has it. */
  readonly hand: (rows: readonly Handed[]) => void;
  /** What was committed just now is in the backlog. */
  readonly kept: () => void;
}

export interface KeepingParts extends CommitParts {
  readonly deadLetters: DeadLetters;
}

/**
 * Below the patience of every sender we know and the database's own bounds; what is committed after it is a repeat when
 * the sender comes back.
 */
const commitTimeoutMs = seconds(4);

/** Resolves once all are committed; throws Unavailable, and then the sender must keep them, or Poison. */
export async function accept(parts: AcceptanceParts, alerts: readonly Alert[]): Promise<void> {
  const closed = parts.closed();
  if (closed) throw closed;
  const received = await committed(parts, () => parts.reception.receive(alerts));
  if (received.where === 'inbox') return handOn(parts, alerts, received);
  const source = alerts[0]?.source ?? 'none'; // of one request
  parts.instruments.accepted.add(alerts.length, { source, new: 'later' });
  parts.kept();
}

function handOn(
  { instruments, hand }: AcceptanceParts,
  alerts: readonly Alert[],
  { taken }: Extract<Received, { where: 'inbox' }>,
): void {
  const rows: Handed[] = [];
  taken.forEach(({ id, isNew, behind, held }, index) => {
    const alert = alerts[index];
    if (alert === undefined) return;
    instruments.accepted.add(1, { source: alert.source, new: String(isNew) });
    if (isNew && !held) rows.push({ id, alert, behind, receivedAtMs: Date.now(), attempts: 0 });
  });
  hand(rows);
}

/** What a person calls the letter that is kept now; throws Unavailable when it could not be. */
export async function keep(parts: KeepingParts, letter: DeadLetter): Promise<string> {
  const closed = parts.closed();
  if (closed) throw closed;
  const { source, why } = letter;
  const { id, state } = await committed(parts, () => parts.deadLetters.keep(letter));
  const name = letterName(id);
  parts.instruments.unparsed.add(1, { source });
  parts.log.warn({ source, letter: name, state, why }, 'a body was not understood and is kept');
  return name;
}

async function committed<Answer>(
  parts: CommitParts,
  commit: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await within(commit());
  } catch (error) {
    if (error instanceof Unavailable) throw error;
    if (isPoison(error)) throw new Poison(`the database does not take it: ${messageOf(error)}`);
    throw unavailable(parts, error);
  }
}

/** Classes of SQLSTATE that only the content can cause: 22 data exception, 54 a value too large. */
function isPoison(error: unknown): boolean {
  return /^(22|54)/.test(sqlStateOf(error) ?? '');
}

function unavailable({ log }: CommitParts, error: unknown): Unavailable {
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
