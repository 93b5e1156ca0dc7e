/** Asks Prometheus what is left of a service's error budget, and when that was so. Anything but one plain, dated number is unknown. */
import { z } from 'zod';
import { messageOf } from '../../workflows/domain/failure.js';
import { seconds } from '../../workflows/domain/time.js';
import { known, type Known } from '../../workflows/domain/verdict.js';
import type { GuardRules } from './rules.js';

/** 1 for all of it, negative when it is overspent; Unix milliseconds of the sample. */
export interface BudgetFigure {
  readonly left: number;
  readonly atMs: number;
}

export type ErrorBudgetRule = NonNullable<GuardRules['errorBudget']>;

/** Where the figure comes from. Never rejects: what cannot be had is `known: false`. */
export interface ErrorBudgets {
  leftOf(service: string, rule: ErrorBudgetRule): Promise<Known<BudgetFigure>>;
}

/** Well below a short call's patience: the judgement still has to be made. */
const answerWithinMs = seconds(3);
const answerBytesMax = 1_000_000;
/** What was asked so short ago is asked once for all runs that want it. */
const freshForMs = seconds(5);
const keptMax = 10_000;

const answer = z.object({
  status: z.literal('success'),
  warnings: z.array(z.string()).optional(),
  data: z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })),
  }),
});

/** Of the Prometheus that the rules name, over its HTTP interface. */
export function createPrometheusBudgets(now: () => number = Date.now): ErrorBudgets {
  const kept = new Map<string, { readonly atMs: number; readonly figure: Asked }>();
  return {
    leftOf(service, rule) {
      const key = `${service}\n${rule.prometheusUrl}\n${rule.query}`;
      const last = kept.get(key);
      if (last !== undefined && now() - last.atMs < freshForMs) return last.figure;
      if (kept.size >= keptMax) kept.clear();
      const figure = ask(service, rule);
      kept.set(key, { atMs: now(), figure });
      return figure;
    },
  };
}

type Asked = Promise<Known<BudgetFigure>>;

/**
 * The age of a figure is that of the samples it is made of, which an instant query hides by stamping the moment of asking: so
 * the oldest sample is asked for along with it.
 */
async function ask(service: string, rule: ErrorBudgetRule): Asked {
  const query = rule.query.replaceAll('$service', quoted(service));
  const [left, sampledAt] = await Promise.all([
    one(rule, query),
    one(rule, `min(timestamp(${query}))`),
  ]);
  if (!left.known) return left;
  if (!sampledAt.known) return sampledAt;
  return known({ left: left.value, atMs: sampledAt.value * 1000 });
}

/** A name comes from an alert: it must end no string of the query. */
function quoted(service: string): string {
  return JSON.stringify(service).slice(1, -1);
}

async function one({ prometheusUrl }: ErrorBudgetRule, query: string): Promise<Known<number>> {
  try {
    const base = prometheusUrl.endsWith('/') ? prometheusUrl : `${prometheusUrl}/`;
    const url = new URL('api/v1/query', base);
    url.searchParams.set('query', query);
    const signal = AbortSignal.timeout(answerWithinMs);
    const answered = await fetch(url, { redirect: 'manual', signal });
    if (!answered.ok) return unknown(`it answered HTTP ${answered.status}`);
    const text = await answered.text();
    if (text.length > answerBytesMax) return unknown('its answer is too long');
    return numberIn(JSON.parse(text));
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return unknown(messageOf(cause));
  }
}

function numberIn(body: unknown): Known<number> {
  const parsed = answer.safeParse(body);
  if (!parsed.success) return unknown('its answer has another shape: one vector is needed');
  const { data, warnings = [] } = parsed.data;
  if (warnings[0] !== undefined) return unknown(`it warns: ${warnings[0]}`);
  const [sample, ...others] = data.result;
  if (sample === undefined) return unknown('the query gives no sample');
  if (others.length > 0)
    return unknown(`the query gives ${data.result.length} samples: one is needed`);
  const value = Number(sample.value[1]);
  return Number.isFinite(value) ? known(value) : unknown(`the query gives ${sample.value[1]}`);
}

function unknown(why: string): Known<never> {
  return { known: false, why: `the error budget could not be read from Prometheus: ${why}` };
}
