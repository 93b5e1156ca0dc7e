/**
 * Whether ratios are worse than those that are checked in. Only ratios: both of their sides were measured in one run on one
 * machine, so what is left is ours. Measures nothing.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { projectFolder } from '../../engine/project-folder.js';
import type { Better, Figure } from '../rig/figure.js';

/** A ratio that is worse by more than this fails. */
export const worseMax = 0.2;

const shape = z.strictObject({
  v: z.literal(1),
  ratios: z.record(
    z.string(),
    z.strictObject({ value: z.number().positive(), better: z.enum(['lower', 'higher']) }),
  ),
});

export type Baseline = z.infer<typeof shape>;

export interface Compared {
  readonly name: string;
  readonly now: number;
  readonly before: number;
  readonly better: Better;
  /** By how much it is worse, as a share of what it was; negative when it is better. */
  readonly worseBy: number;
}

export interface Comparison {
  readonly compared: readonly Compared[];
  /** In the baseline, and not measured in this run. */
  readonly missing: readonly string[];
  /** Measured, and not in the baseline. */
  readonly unknown: readonly string[];
}

const none: Baseline = { v: 1, ratios: {} };

function baselineFile(): string {
  return join(projectFolder(), 'docs/benchmarks/baseline.json');
}

/** Throws a sentence when there is none, unless that is expected, and when the file is not one. */
export function readBaseline(missing: 'throws' | 'may-be-missing' = 'throws'): Baseline {
  const file = baselineFile();
  if (!existsSync(file)) {
    if (missing === 'may-be-missing') return none;
    throw new Error(`there is no ${file}: write it with --write-baseline`);
  }
  return parseBaseline(readFileSync(file, 'utf8'), file);
}

/** Throws a sentence with the place when the text is no baseline. */
export function parseBaseline(text: string, file: string): Baseline {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new Error(`${file} is no JSON: write it anew with --write-baseline`);
  }
  const parsed = shape.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new Error(`${file} is no baseline: ${z.prettifyError(parsed.error)}`);
}

/** Answers the file it wrote. */
export function writeBaseline(baseline: Baseline): string {
  const file = baselineFile();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(baseline, null, 2)}\n`);
  return file;
}

/** Those measured take the place of what was known of them; the rest stays. In the order of their names. */
export function updated(before: Baseline, figures: readonly Figure[]): Baseline {
  const ratios = { ...before.ratios };
  for (const { name, value, better } of figures) {
    if (better !== undefined && isUsable(value)) ratios[name] = { value, better };
  }
  const sorted = Object.entries(ratios).toSorted(([left], [right]) => (left < right ? -1 : 1));
  return { v: 1, ratios: Object.fromEntries(sorted) };
}

/** A ratio that could not be had counts as worse beyond measure. */
export function compared({ ratios }: Baseline, figures: readonly Figure[]): Comparison {
  const measured = figures.filter(({ better }) => better !== undefined);
  return {
    compared: measured.flatMap(({ name, value }) => {
      const known = ratios[name];
      if (known === undefined) return [];
      const { better, value: before } = known;
      return [{ name, now: value, before, better, worseBy: worseBy(value, before, better) }];
    }),
    missing: Object.keys(ratios).filter((name) => measured.every((one) => one.name !== name)),
    unknown: measured.flatMap(({ name }) => (ratios[name] === undefined ? [name] : [])),
  };
}

function worseBy(now: number, before: number, better: Better): number {
  if (!isUsable(now)) return Number.POSITIVE_INFINITY;
  return better === 'lower' ? now / before - 1 : 1 - now / before;
}

function isUsable(value: number): boolean {
  return Number.isFinite(value) && value > 0;
}

/** Nothing compared is not nothing worse: unknown means no. */
export function verdictOf({ compared: all, missing, unknown }: Comparison): {
  readonly text: string;
  readonly worse: boolean;
} {
  const worse = all.filter(({ worseBy: by }) => by > worseMax);
  const lines = [
    ...all.map((one) => `  ${one.worseBy > worseMax ? 'WORSE' : 'ok   '} ${saysOf(one)}`),
    ...missing.map((name) => `  not measured in this run: ${name}`),
    ...unknown.map((name) => `  not in the baseline: ${name}`),
  ];
  const limit = `${worseMax * 100} %`;
  const head =
    all.length === 0
      ? 'no ratio of this run is in the baseline: nothing was compared'
      : `${worse.length} of ${all.length} ratios are worse than the baseline by more than ${limit}`;
  return { text: [head, ...lines].join('\n'), worse: worse.length > 0 || all.length === 0 };
}

function saysOf({ name, now, before, better, worseBy: by }: Compared): string {
  const change = Number.isFinite(by) ? `${Math.abs(by * 100).toFixed(0)} %` : 'unmeasurable';
  return `${name}: ${now}, was ${before} (${change} ${by > 0 ? 'worse' : 'better'}; ${better} is better)`;
}
