/** What is counted about asking the monitors; one look, one count. */
import type { Counter, Metrics } from '../../metrics.js';

export interface PullInstruments {
  readonly looks: Counter;
  readonly failed: Counter;
  readonly lost: Counter;
  readonly unreadable: Counter;
}

/** Every counter of these sources exists from the start, at zero. */
export function createPullInstruments(
  metrics: Metrics,
  sources: readonly string[],
): PullInstruments {
  const count = (name: string, description: string): Counter =>
    metrics.counter({ name, description });
  const instruments = {
    looks: count('belay_pull_looks', 'Answers of monitors, by source and whether whole.'),
    failed: count('belay_pull_failed', 'Looks that came to nothing, by source.'),
    lost: count('belay_pull_lost', 'Alerts taken in whose webhook was lost, by source and status.'),
    unreadable: count('belay_pull_unreadable', 'Alerts there that cannot be read, by source.'),
  };
  for (const source of sources) {
    instruments.looks.add(0, { source, whole: 'true' });
    instruments.looks.add(0, { source, whole: 'false' });
    instruments.failed.add(0, { source });
    instruments.lost.add(0, { source, status: 'firing' });
    instruments.lost.add(0, { source, status: 'resolved' });
    instruments.unreadable.add(0, { source });
  }
  return instruments;
}
