/** Whether each patch of the workflow code is proven by a history from before it. Judges entries only; replays nothing. */
import type { Patch } from '../../workflows/patches.js';
import type { RecordedHistory } from '../support/story/histories.js';

/** What is wrong with the entries, as sentences; empty when each names a history that was recorded before it. */
export function unproven(
  patches: readonly Patch[],
  histories: readonly RecordedHistory[],
): string[] {
  return patches.flatMap((patch) => {
    const { id, since, history: named } = patch;
    const found = histories.find(({ version, name }) => `${version}/${name}` === named);
    if (found === undefined) {
      return [`patch ${id}: no history ${named}; write <version>/<name>, of test/replay/histories`];
    }
    if (isAfter(found.version, since)) {
      return [`patch ${id} is since ${since}, and ${named} was recorded after it`];
    }
    return marks(found).includes(id) ? [`patch ${id}: ${named} has its marker already`] : [];
  });
}

/** The patches whose new way a history took, as its markers say. */
function marks({ events }: RecordedHistory): string[] {
  return events.flatMap(({ markerRecordedEventAttributes: marker }) => {
    if (marker?.markerName !== 'core_patch') return [];
    const payloads = marker.details?.['patch-data']?.payloads ?? [];
    return payloads.map(({ data }) => {
      const said = JSON.parse(Buffer.from(data, 'base64').toString()) as { id?: unknown };
      return String(said.id);
    });
  });
}

function isAfter(version: string, since: string): boolean {
  const [one, other] = [numbersOf(version), numbersOf(since)];
  const at = one.findIndex((number, place) => number !== (other[place] ?? 0));
  return at !== -1 && (one[at] ?? 0) > (other[at] ?? 0);
}

/** Of `1.2.3`; what follows a hyphen does not count. */
function numbersOf(version: string): number[] {
  const [numbers = ''] = version.split('-');
  return numbers.split('.').map(Number);
}
