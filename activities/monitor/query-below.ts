/** Asks Prometheus one question and compares the one sample it gives with a limit. Anything but one plain number is not well. */
import { z } from 'zod';
import type { Health } from '../../workflows/actions/action.js';
import { Failure } from '../../workflows/domain/failure.js';
import type { FactAdapter } from '../adapter.js';
import { addressIn, type MonitorUrls } from './alert-cleared.js';
import { readJson } from './http.js';

const sample = z.tuple([z.number(), z.string()]);
export const queryAnswer = z.object({
  status: z.literal('success'),
  warnings: z.array(z.string()).optional(),
  data: z.discriminatedUnion('resultType', [
    z.object({ resultType: z.literal('vector'), result: z.array(z.object({ value: sample })) }),
    z.object({ resultType: z.literal('scalar'), result: sample }),
  ]),
});
export type QueryAnswer = z.infer<typeof queryAnswer>;

export function queryBelowBy({
  prometheusUrl,
}: MonitorUrls): FactAdapter<{ query: string; limit: number }, Health> {
  return async ({ query, limit }, { signal }) => {
    if (prometheusUrl === undefined) {
      throw new Failure(
        'failed',
        'no Prometheus is configured to answer a query: set prometheusUrl',
      );
    }
    const ask = async (expression: string): ReturnType<typeof readJson<QueryAnswer>> => {
      const url = addressIn(prometheusUrl, 'api/v1/query');
      url.searchParams.set('query', expression);
      return readJson(url, queryAnswer, signal);
    };
    const read = await ask(query);
    if (read.kind === 'unread') return notWell(`Prometheus could not be read: ${read.why}`);
    const health = healthOf(read.value, limit);
    if (!health.well) return health;
    const dated = await ask(sampledAt(query, read.value));
    return dated.kind === 'unread' ? health : { ...health, ...observedAt(dated.value) };
  };
}

/** The instant in an answer is that of the question; of a vector `timestamp` tells that of the sample, a scalar is of now. */
function sampledAt(query: string, { data }: QueryAnswer): string {
  return data.resultType === 'vector' ? `timestamp(${query})` : 'time()';
}

function observedAt({ data }: QueryAnswer): { readonly observedAtMs?: number } {
  const text = data.resultType === 'scalar' ? data.result[1] : data.result[0]?.value[1];
  const atSeconds = Number(text ?? NaN);
  return Number.isFinite(atSeconds) ? { observedAtMs: Math.round(atSeconds * 1000) } : {};
}

function healthOf({ data, warnings = [] }: QueryAnswer, limit: number): Health {
  // With a warning parts of the data may be missing, and a missing error looks like a healthy service.
  const [warning] = warnings;
  if (warning !== undefined) return notWell(`Prometheus warns: ${warning}`);
  const texts =
    data.resultType === 'scalar' ? [data.result[1]] : data.result.map(({ value }) => value[1]);
  const [text] = texts;
  if (text === undefined) return notWell('the query gives no sample');
  if (texts.length > 1) return notWell(`the query gives ${texts.length} samples: one is needed`);
  const value = Number(text);
  if (!Number.isFinite(value)) return notWell(`the query gives ${text}, which is no number`);
  return { well: value < limit, seen: `${text}, wanted below ${limit}` };
}

function notWell(seen: string): Health {
  return { well: false, seen };
}
