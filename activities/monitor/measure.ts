/** Asks Prometheus for one number and for when it was sampled. Anything but one plain number is a failure, never a guess. */
import type { Measured } from '../../workflows/actions/monitor.js';
import { Failure } from '../../workflows/domain/failure.js';
import type { FactAdapter } from '../adapter.js';
import { addressIn, type MonitorUrls } from './alert-cleared.js';
import { readJson } from './http.js';
import { queryAnswer, type QueryAnswer } from './query-below.js';

export function measureBy({
  prometheusUrl,
}: MonitorUrls): FactAdapter<{ query: string }, Measured> {
  return async ({ query }, { signal }) => {
    if (prometheusUrl === undefined) {
      throw new Failure('failed', 'no Prometheus is configured to measure: set prometheusUrl');
    }
    const ask = async (expression: string): Promise<number> => {
      const url = addressIn(prometheusUrl, 'api/v1/query');
      url.searchParams.set('query', expression);
      const read = await readJson(url, queryAnswer, signal);
      if (read.kind === 'unread') {
        throw new Failure('transient', `Prometheus could not be read: ${read.why}`);
      }
      return numberOf(read.value, expression);
    };
    // The instant in an answer is that of the question; `timestamp` tells that of the sample.
    const [value, atSeconds] = await Promise.all([ask(query), ask(`timestamp(${query})`)]);
    return { value, observedAtMs: Math.round(atSeconds * 1000) };
  };
}

function numberOf({ data, warnings = [] }: QueryAnswer, expression: string): number {
  const [warning] = warnings;
  if (warning !== undefined) throw new Failure('failed', `Prometheus warns: ${warning}`);
  const texts =
    data.resultType === 'scalar' ? [data.result[1]] : data.result.map(({ value }) => value[1]);
  const [text] = texts;
  if (text === undefined || texts.length > 1) {
    throw new Failure('failed', `${expression} gives ${texts.length} samples: one is needed`);
  }
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  throw new Failure('failed', `${expression} gives ${text}, which is no number`);
}
