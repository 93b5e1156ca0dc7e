/** A process's metrics as Prometheus text: the OpenTelemetry API in, text out; opens no port of its own. */
import type { Attributes, Counter, Histogram } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

export interface Described {
  readonly name: string;
  readonly description: string;
}

/** Instruments are made once, at start; names are snake case and end in their unit (`_ms`), counters without `_total`. */
export interface Metrics {
  /** Only grows. It shows as `<name>_total`. */
  counter(what: Described): Counter;
  histogram(what: Described & { readonly buckets: readonly number[] }): Histogram;
  /** Read whenever the metrics are asked for; `read` must be quick and may not throw. */
  gauge(what: Described, read: () => number): void;
  /** Prometheus text format 0.0.4. */
  text(): Promise<string>;
  stop(): Promise<void>;
}

export const metricsContentType = 'text/plain; version=0.0.4; charset=utf-8';

/** Milliseconds, from a quick commit to a wait that people notice. */
export const latencyBucketsMs = [1, 2, 5, 10, 20, 50, 100, 250, 500, 1_000, 5_000, 30_000];

/** The metrics of one process; `name` is the process, such as `intake`. */
export function createMetrics(name: string): Metrics {
  const exporter = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [exporter] });
  const meter = provider.getMeter(`belay-${name}`);
  const serializer = new PrometheusSerializer('', false, undefined, true, true);
  return {
    counter: (what) => meter.createCounter(what.name, { description: what.description }),
    histogram: ({ buckets, ...what }) =>
      meter.createHistogram(what.name, {
        description: what.description,
        advice: { explicitBucketBoundaries: [...buckets] },
      }),
    gauge: (what, read) => {
      const gauge = meter.createObservableGauge(what.name, { description: what.description });
      gauge.addCallback((result) => result.observe(read()));
    },
    text: async () => serializer.serialize((await exporter.collect()).resourceMetrics),
    stop: () => provider.shutdown(),
  };
}

/**
 * Keeps a label's values few: the first `max` different ones stand for themselves, later ones become `other`,
 * so that no sender can fill the memory of whoever scrapes us.
 */
export function boundedLabel(max: number): (value: string) => string {
  const seen = new Set<string>();
  return (value) => {
    if (seen.has(value)) return value;
    if (seen.size >= max) return 'other';
    seen.add(value);
    return value;
  };
}

export type { Attributes, Counter, Histogram };
