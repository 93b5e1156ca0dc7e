/** Counts how runs end and how long they took, from the ledger lines as they are written; keeps no state of its own. */
import type { Entry } from '../../workflows/domain/entry.js';
import type { RecordInput } from '../../workflows/store.js';
import { latencyBucketsMs, type Metrics } from '../metrics.js';

/** Returns what to call with every record that was committed. */
export function countRuns(metrics: Metrics): (input: RecordInput) => void {
  const ends = metrics.counter({ name: 'belay_outcomes', description: 'How runs ended' });
  const effects = metrics.counter({ name: 'belay_effects', description: 'Effects tried, by step' });
  const duration = metrics.histogram({
    name: 'belay_run_duration_ms',
    description: 'From the start of a run to its outcome',
    buckets: latencyBucketsMs,
  });
  return ({ runbook, entries }) => {
    for (const entry of entries) {
      if (entry.kind === 'effect') effects.add(1, { runbook, step: entry.step ?? '' });
      if (entry.kind === 'outcome') countEnd(runbook, entry);
    }
  };

  function countEnd(runbook: string, entry: Entry): void {
    ends.add(1, { runbook, outcome: entry.outcome ?? '', reason: entry.reason ?? '' });
    duration.record(entry.durationMs ?? 0, { runbook });
  }
}
