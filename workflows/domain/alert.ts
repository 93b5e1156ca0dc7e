/** What a monitor said, in one shape for every sender; knows nothing of how it arrived. */
import { instantMs } from './time.js';

export type AlertStatus = 'firing' | 'resolved';

/** One alert of one sender, normalised. Label and annotation values are hostile text: they are data, never code. */
export interface Alert {
  readonly source: string;
  /** The sender's stable name for this alert, equal over repeats and resolution. */
  readonly fingerprint: string;
  readonly name: string;
  readonly status: AlertStatus;
  readonly severity: string;
  /** RFC 3339. A new firing of the same alert has a new startsAt. */
  readonly startsAt: string;
  /** RFC 3339, or null while the alert fires. */
  readonly endsAt: string | null;
  readonly service: string;
  /** Empty when the sender named none: policy then takes the service's own. */
  readonly environment: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly link: string | null;
}

/**
 * The key that makes work happen once: one firing of one alert, `<fingerprint>.<startsAt in Unix ms>`.
 * An alert whose startsAt is no instant has no episode; the intake refuses it before it gets here.
 */
export function episodeOf(alert: Alert): string {
  const startedMs = instantMs(alert.startsAt);
  if (startedMs === undefined) throw new RangeError(`startsAt is no instant: ${alert.startsAt}`);
  return `${alert.fingerprint}.${startedMs}`;
}

/** The id of the one run a runbook may have for an episode; also its Temporal workflow id. */
export function runIdOf(runbook: string, alert: Alert): string {
  return `${runbook}.${episodeOf(alert)}`;
}

/** How long the alert had been firing at `nowMs`; never negative, since senders' clocks differ from ours. */
export function ageMs(alert: Alert, nowMs: number): number {
  return Math.max(0, nowMs - (instantMs(alert.startsAt) ?? nowMs));
}
