/** How what fires there differs from what is open here; pure, and it knows nothing of how long that has been so. */
import type { Episode, OpenFiring } from '../../../activities/store/open-firings.js';
import type { Seen } from './source.js';

/** Open here, and not shown there. An episode that fires there since earlier than ours is ours; since later, another one. */
export function absentOf(open: readonly OpenFiring[], firing: readonly Seen[]): OpenFiring[] {
  const starts = new Map<string, number>();
  for (const { fingerprint, startedMs } of firing) {
    starts.set(fingerprint, Math.min(startedMs, starts.get(fingerprint) ?? startedMs));
  }
  return open.filter(({ fingerprint, startedMs }) => {
    return (starts.get(fingerprint) ?? Infinity) > startedMs;
  });
}

/** Those of what would be sent to us that the inbox never heard of; `known` is in the order of `sent`. */
export function unknownOf(sent: readonly Seen[], known: readonly boolean[]): Seen[] {
  return sent.filter((_, nth) => known[nth] === false);
}

/** One text per episode. */
export function keyOf({ fingerprint, startedMs }: Episode): string {
  return `${fingerprint}.${startedMs}`;
}
