/** The shape of a monitor that is asked instead of waited for: what fires there now; it commits nothing and decides nothing. */
import type { Sender } from '../../../activities/senders/sender.js';
import type { Alert } from '../../../workflows/domain/alert.js';

/** One episode that fires there. */
export interface Seen {
  readonly fingerprint: string;
  /** Unix milliseconds; 0 when the monitor's own start cannot be read. */
  readonly startedMs: number;
  /** False for what its webhook would not bring us now: silenced, inhibited, routed to others. It fires all the same. */
  readonly isSent: boolean;
  /** As its webhook would have brought it; null when that would not have been understood. */
  readonly alert: () => Alert | null;
}

/** One answer. */
export interface Reading {
  readonly firing: readonly Seen[];
  /** Null when it is whole; else why what is missing in it may fire all the same. */
  readonly partial: string | null;
}

export interface PullSource {
  /** The `source` of its webhook's alerts. */
  readonly source: string;
  /** Throws an Unread when there is no answer to go by. */
  readonly read: (signal: AbortSignal) => Promise<Reading>;
  /** So long has an episode to be missing in whole answers before it counts as over. */
  readonly absentForMs: number;
  /**
   * For a monitor that can be asked about one episode: when it ended, RFC 3339, or null when it did not say that it ended.
   * Then being missing is a reason to ask and nothing more. Throws an Unread.
   */
  readonly endOf?: (open: Alert, signal: AbortSignal) => Promise<string | null>;
}

/** What the sender's own reader makes of the webhook that was not sent: so both ways lead to the same alert. */
export function asSent(sender: Sender, body: unknown): Alert | null {
  const parsed = sender.parse(JSON.stringify(body));
  return parsed.kind === 'alerts' ? (parsed.alerts[0] ?? null) : null;
}
