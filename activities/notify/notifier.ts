/**
 * Carries notices from the outbox to every channel, at least once, until each has taken them.
 * It decides when to try again; it neither writes notices nor gives any up.
 */
import { messageOf } from '../../workflows/domain/failure.js';
import { minutes, seconds } from '../../workflows/domain/time.js';
import type { Channel, Letter, Log } from './channel.js';

interface Taken extends Letter {
  readonly deliveredTo: readonly string[];
  readonly attempts: number;
}

/** Where notices wait; the store has it. */
export interface Outbox {
  take(countMax: number, holdMs: number): Promise<readonly Taken[]>;
  reached(id: string, channel: string): Promise<void>;
  delivered(id: string): Promise<void>;
  postpone(id: string, reason: { readonly afterMs: number; readonly why: string }): Promise<void>;
}

export interface NotifierOptions {
  readonly outbox: Outbox;
  readonly channels: readonly Channel[];
  readonly log: Log;
  /** Calls back when a notice may be waiting; without it, or when it is lost, the outbox is looked at every `everyMs`. */
  wakes?(onNotice: () => void): Promise<() => Promise<void>>;
  /** Deliveries at once. */
  readonly concurrencyMax?: number;
  readonly everyMs?: number;
  /** The first pause after a failed attempt; doubled each time up to `retryMsMax`. */
  readonly retryMs?: number;
  readonly retryMsMax?: number;
}

export interface Notifier {
  /** Delivers until the signal fires; then waits for the deliveries that were begun. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
}

/** Longer than any channel may take, so that nobody else delivers it meanwhile; a killed process delays it by this. */
const holdMs = seconds(30);

export function createNotifier(options: NotifierOptions): Notifier {
  const { everyMs = seconds(1) } = options;
  return {
    async run(signal) {
      const bell = createBell(signal);
      const unlisten = await listenOrPoll(options, bell.ring);
      while (!signal.aborted) {
        const found = await deliverDue(options, signal);
        if (found === 0) await bell.wait(everyMs);
      }
      await unlisten();
    },
  };
}

async function listenOrPoll(
  { wakes, log }: NotifierOptions,
  ring: () => void,
): Promise<() => Promise<void>> {
  const nothing = () => Promise.resolve();
  if (wakes === undefined) return nothing;
  try {
    const unlisten = await wakes(ring);
    return () => unlisten().catch(() => undefined);
  } catch (error) {
    log.warn({ why: messageOf(error) }, 'not woken by the store: the outbox is polled only');
    return nothing;
  }
}

/** How many were tried; 0 too when the outbox could not be read, so that the loop pauses. */
async function deliverDue(options: NotifierOptions, signal: AbortSignal): Promise<number> {
  const { outbox, log, concurrencyMax = 8 } = options;
  try {
    const taken = await outbox.take(concurrencyMax, holdMs);
    await Promise.all(taken.map((notice) => deliverOne(options, notice, signal)));
    return taken.length;
  } catch (error) {
    log.warn({ why: messageOf(error) }, 'the outbox could not be read or written');
    return 0;
  }
}

async function deliverOne(
  options: NotifierOptions,
  notice: Taken,
  signal: AbortSignal,
): Promise<void> {
  const { outbox, channels, log } = options;
  const missing = channels.filter(({ name }) => !notice.deliveredTo.includes(name));
  const problems = await Promise.all(
    missing.map((channel) => hand(outbox, channel, { notice, signal })),
  );
  const why = problems.filter((problem) => problem !== undefined).join('; ');
  if (why === '') return outbox.delivered(notice.id);
  const afterMs = pauseMs(options, notice.attempts);
  log.warn(
    { notice: notice.id.slice(0, 12), run: notice.run, afterMs, why },
    'a notice was not taken',
  );
  return outbox.postpone(notice.id, { afterMs, why });
}

/** Undefined when the channel has it, else why not. */
async function hand(
  outbox: Outbox,
  channel: Channel,
  { notice, signal }: { readonly notice: Taken; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const { id, run, to, urgency, title, text, createdAtMs } = notice;
  try {
    await channel.deliver({ id, run, to, urgency, title, text, createdAtMs }, signal);
  } catch (error) {
    return `${channel.name}: ${messageOf(error)}`;
  }
  await outbox.reached(id, channel.name);
  return undefined;
}

function pauseMs(
  { retryMs = seconds(1), retryMsMax = minutes(1) }: NotifierOptions,
  attempts: number,
): number {
  return Math.min(retryMsMax, retryMs * 2 ** Math.min(attempts - 1, 20));
}

/** A pause that a ring, or the end, cuts short; a ring while nobody pauses counts for the next one. */
function createBell(signal: AbortSignal): { ring(): void; wait(untilMs: number): Promise<void> } {
  let rung = false;
  let wake = (): void => undefined;
  const ring = (): void => {
    rung = true;
    wake();
  };
  signal.addEventListener('abort', ring, { once: true });
  return {
    ring,
    async wait(forMs) {
      if (!rung && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, forMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      rung = false;
    },
  };
}
