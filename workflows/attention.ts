/** How a run listens: takes messages in order, answers in the ledger each one that does not count now, loses none. */
import { Failure } from './domain/failure.js';
import { limits } from './domain/limits.js';
import { isFromIntake, type Message, type MessageKind, type Unintelligible } from './messages.js';
import type { Progress } from './progress.js';
import { attribute } from './store.js';

export interface Listening {
  readonly accept: readonly MessageKind[];
  /** A time already past means: only look whether something came. */
  readonly untilMs: number;
  /** Shown beside the timer while it waits. */
  readonly says: string;
}

/** The next message that counts now, or undefined when none came in time. */
export async function listen(progress: Progress, options: Listening): Promise<Message | undefined> {
  const { runtime, ledger } = progress;
  const waits = options.untilMs > runtime.now();
  if (waits) await ledger.commit();
  for (;;) {
    const arrived = await runtime.next(options.untilMs, options.says);
    if (arrived === undefined) return undefined;
    progress.messagesSeen += 1;
    if (arrived.kind === 'resolved') progress.resolved = true;
    if (arrived.kind !== 'unintelligible' && options.accept.includes(arrived.kind)) {
      return attributed(progress, arrived);
    }
    if (arrived.kind !== 'resolved') ignore(progress, arrived, notNow(arrived, options));
    if (waits) await ledger.commit();
  }
}

/** Writes down that a message was seen and does nothing, and why; a flood is counted, not written out. */
export function ignore(progress: Progress, message: Message | Unintelligible, why: string): void {
  if (progress.messagesSeen > limits.messagesMax) return;
  const last = progress.messagesSeen === limits.messagesMax;
  const by = 'by' in message ? message.by : '';
  progress.ledger.note({
    kind: 'signal',
    says: last ? 'further signals are counted, not recorded' : `${message.signal} ignored: ${why}`,
    actor: personOf(by),
    detail: { signal: message.signal, ordinal: message.ordinal, counted: false },
  });
}

/** Writes down that a message counted. */
export function heed(progress: Progress, message: Message): void {
  const note = message.note === '' ? '' : `: ${message.note}`;
  progress.ledger.note({
    kind: 'signal',
    says: `${senderOf(message)} sent ${message.kind}${note}`,
    actor: senderOf(message),
    detail: { signal: message.signal, ordinal: message.ordinal, counted: true, plan: message.plan },
  });
}

function senderOf({ kind, by }: Message): string {
  return by === '' && isFromIntake(kind) ? 'the intake' : personOf(by);
}

function personOf(by: string): string {
  return by === '' ? 'somebody who did not say' : by;
}

function notNow(message: Message | Unintelligible, { accept, says }: Listening): string {
  if (message.kind === 'unintelligible') return message.why;
  return `not asked for now (${says}); counts now: ${accept.join(', ')}`;
}

/** A click in Temporal's UI carries no name; the server's record of the signal has one, unverified. */
async function attributed(progress: Progress, message: Message): Promise<Message> {
  if (message.by !== '' || isFromIntake(message.kind)) return message;
  const { signal, ordinal } = message;
  try {
    const asked = { signal, ordinal };
    const { identity } = await progress.runtime.ask(attribute, asked, 'who sent the signal');
    return { ...message, by: identity };
  } catch (thrown) {
    if (thrown instanceof Failure) return message;
    throw thrown;
  }
}
