/** What a played story left behind, and whether it kept the laws every run must keep; judges, plays nothing. */
import type { JsonObject } from '../../../workflows/domain/json.js';
import type { Report } from '../../../workflows/progress.js';
import type { FakeStore, KeptEntry, KeptNotice } from '../fake-store.js';
import { repeatedEffects, type WorldEffect } from '../fake-world/effects.js';
import type { FakeWorld } from '../fake-world/fake-world.js';
import { offsetText } from './offset.js';
import type { Expectation, LineKind, Story } from './story.js';

export type Line = KeptEntry | KeptNotice;

export interface Told {
  readonly startMs: number;
  readonly lines: readonly Line[];
  readonly reports: readonly Report[];
  /** The world when the story began, and when it had ended. */
  readonly before: JsonObject;
  readonly after: JsonObject;
  readonly effects: readonly WorldEffect[];
  /** Effects that took place without an intent that was durable before. */
  readonly unannounced: readonly string[];
}

export function isEntry(line: Line): line is KeptEntry {
  return 'kind' in line;
}

export function kindOf(line: Line): LineKind {
  return isEntry(line) ? line.kind : 'notice';
}

export function atMsOf(line: Line): number {
  return isEntry(line) ? line.atMs : line.createdAtMs;
}

export function saysOf(line: Line): string {
  return isEntry(line) ? line.says : line.title;
}

/** Notes, from now on, every effect that the ledger does not announce at the very moment it takes place. */
export function watchIntents(world: FakeWorld, store: FakeStore): string[] {
  const unannounced: string[] = [];
  const push = world.effects.push.bind(world.effects);
  world.effects.push = (...effects) => {
    for (const { operationId, part } of effects) {
      const operation = part === 'apply' ? operationId : `${operationId}/undo`;
      if (!store.ledger.some((entry) => announces(entry, operation))) unannounced.push(operation);
    }
    return push(...effects);
  };
  return unannounced;
}

function announces({ kind, detail }: KeptEntry, operation: string): boolean {
  const named = (detail as { operation?: unknown } | undefined)?.operation;
  return kind === 'intent' && named === operation;
}

/** Every law the runs broke, as sentences; empty when they kept all. */
export function brokenLaws(told: Told): string[] {
  const broken = told.reports.flatMap((report) => brokenByRun(told, report));
  for (const effect of repeatedEffects(told.effects)) broken.push(`took effect twice: ${effect}`);
  for (const operation of told.unannounced) broken.push(`no intent before: ${operation}`);
  return broken;
}

function brokenByRun({ lines }: Told, report: Report): string[] {
  const entries = lines.filter(isEntry).filter(({ run }) => run === report.run);
  const broken: string[] = [];
  if (entries[0]?.kind !== 'opened') broken.push('the first entry is not "opened"');
  const own = entries.filter(({ kind }) => kind !== 'signal'); // who wrote in the last instant is still answered
  if (own.at(-1)?.kind !== 'closed') broken.push('the last entry is not "closed"');
  const outcomes = entries.flatMap(({ kind, outcome }) => (kind === 'outcome' ? [outcome] : []));
  const takenBack = outcomes.length === 2 && outcomes[0] === 'resolved';
  if (outcomes.length !== 1 && !takenBack) broken.push(`outcomes: ${outcomes.join(', ')}`);
  if (outcomes.at(-1) !== report.outcome) broken.push('ledger and report disagree on the outcome');
  return broken.map((law) => `${report.run}: ${law}`);
}

/** Every expectation of the story that was not met, as sentences. */
export function unmet(story: Story, told: Told): string[] {
  return story.expectations.flatMap((expected) => {
    const found = told.lines.some((line) => fits(line, expected, told.startMs));
    return found === (expected.wanted === 'some') ? [] : [sentenceOf(expected)];
  });
}

function fits(line: Line, { fromMs, toMs, kind, pattern }: Expectation, startMs: number): boolean {
  const offset = atMsOf(line) - startMs;
  return offset >= fromMs && offset < toMs && kindOf(line) === kind && pattern.test(saysOf(line));
}

function sentenceOf({ fromMs, toMs, kind, pattern, wanted }: Expectation): string {
  const window = `between ${offsetText(fromMs)} and ${offsetText(toMs)}`;
  return `${window}: ${wanted === 'some' ? 'no' : 'a'} ${kind} says ${String(pattern)}`;
}
