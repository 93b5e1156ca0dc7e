/** Every metric of the intake, with what it tells; counts, decides nothing. */
import { senders } from '../../activities/senders/index.js';
import { boundedLabel, latencyBucketsMs } from '../metrics.js';
import type { Counter, Histogram, Metrics } from '../metrics.js';
import { refusalReasons } from './refusal.js';

/** Alert names and paths come from outside: past this many they are counted together. */
const namesMax = 200;

export interface Instruments {
  readonly accepted: Counter;
  readonly refused: Counter;
  readonly unavailable: Counter;
  readonly replayed: Counter;
  readonly truncated: Counter;
  readonly unparsed: Counter;
  readonly lettersLost: Counter;
  readonly commitMs: Histogram;
  readonly settled: Counter;
  readonly unmatched: Counter;
  readonly postponed: Counter;
  readonly dispatchMs: Histogram;
  /** Bounds the label `alertname`. */
  readonly nameOf: (alertname: string) => string;
}

export function createInstruments(metrics: Metrics): Instruments {
  const count = (name: string, description: string): Counter =>
    metrics.counter({ name, description });
  const time = (name: string, description: string): Histogram =>
    metrics.histogram({ name, description, buckets: latencyBucketsMs });
  const refused = count('belay_intake_refused', 'Requests that were wrong, by source and why.');
  const unparsed = count('belay_intake_unparsed', 'Bodies not understood and kept, by source.');
  const lettersLost = count(
    'belay_intake_dead_letters_lost',
    'Dead letters nobody looked at that went to make room, by source.',
  );
  for (const { source } of senders) {
    for (const counter of [unparsed, lettersLost]) counter.add(0, { source });
    for (const why of Object.keys(refusalReasons)) refused.add(0, { source, why });
  }
  return {
    refused,
    unparsed,
    lettersLost,
    accepted: count('belay_intake_accepted', 'Alerts committed, by source and whether new.'),
    unavailable: count('belay_intake_unavailable', 'Requests answered 503, by source and why.'),
    replayed: count('belay_intake_replayed', 'Deliveries that were taken in before, by source.'),
    truncated: count('belay_intake_truncated', 'Alerts that senders left out, by source.'),
    commitMs: time('belay_intake_commit_ms', 'Request parsed to committed, in milliseconds.'),
    settled: count('belay_dispatch_settled', 'Alerts of the inbox that were settled, by state.'),
    unmatched: count('belay_dispatch_unmatched', 'Firing alerts no runbook took, by alertname.'),
    postponed: count('belay_dispatch_postponed', 'Deliveries put off, by why.'),
    dispatchMs: time('belay_dispatch_ms', 'Received to settled, in milliseconds.'),
    nameOf: boundedLabel(namesMax),
  };
}
