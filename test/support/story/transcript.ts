/** A played story as text a reader can follow: one line per ledger entry and notice, then how it ended. */
import type { Json, JsonObject } from '../../../workflows/domain/json.js';
import type { Report } from '../../../workflows/progress.js';
import { offsetText } from './offset.js';
import type { Story } from './story.js';
import { atMsOf, isEntry, saysOf, type Line, type Told } from './told.js';

const kindWidth = 14;

export function transcriptOf(story: Story, told: Told): string {
  const several = told.reports.length > 1;
  return [
    `${story.name}: ${story.says}`,
    '',
    ...told.lines.map((line) => lineText(line, told, several ? `[${runNumber(line, told)}] ` : '')),
    '',
    ...told.reports.map((report) => endText(report)),
    ...worldText(told),
    '',
  ].join('\n');
}

function lineText(line: Line, { startMs }: Told, run: string): string {
  const at = offsetText(atMsOf(line) - startMs).padStart(8);
  const kind = isEntry(line) ? line.kind : `${line.urgency} ${line.to}`;
  return `${at}  ${run}${kind.padEnd(kindWidth)}  ${stable(saysOf(line), startMs)}`;
}

function runNumber({ run }: Line, { reports }: Told): number {
  return reports.findIndex((report) => report.run === run) + 1;
}

function endText({ runbook, outcome, reason, afterwards, steps }: Report): string {
  const why = reason === null ? '' : ` (${reason})`;
  const later = afterwards === null ? '' : `, ${afterwards}`;
  const done = steps.map(({ name, undone }) => (undone ? `${name} taken back` : name)).join(', ');
  return `ends      ${runbook}: ${outcome}${why}${later}${done === '' ? '' : `; ${done}`}`;
}

/** What is different in the world, each difference once, and what Belay did to it. */
function worldText({ before, after, effects }: Told): string[] {
  const seen = new Set<string>();
  const changes = Object.keys(after).flatMap((target) => {
    const fields = changedFields(target, before, after).filter((field) => !seen.has(field));
    for (const field of fields) seen.add(field);
    return fields.length === 0 ? [] : [`${target}: ${fields.join(', ')}`];
  });
  const done = effects.map(({ what }) => what);
  return [...listed('world', changes, 'as before'), ...listed('effects', done, 'none')];
}

function listed(title: string, lines: readonly string[], none: string): string[] {
  const all = lines.length === 0 ? [none] : lines;
  return all.map((line, index) => `${(index === 0 ? title : '').padEnd(10)}${line}`);
}

function changedFields(target: string, before: JsonObject, after: JsonObject): string[] {
  const was = fieldsOf(before[target]);
  const is = fieldsOf(after[target]);
  const fields = Object.keys(is).filter((field) => text(was[field]) !== text(is[field]));
  return fields.map((name) => fieldText(name, was, is));
}

function fieldText(name: string, was: JsonObject, is: JsonObject): string {
  return `${name} ${text(was[name])} -> ${text(is[name])}`;
}

function fieldsOf(state: Json | undefined): JsonObject {
  return (state ?? {}) as JsonObject;
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value.replace(/\s+/g, ' ').trim() : JSON.stringify(value);
}

/** Instants become offsets and run ids lose theirs, so that the same story reads the same on every clock. */
function stable(says: string, startMs: number): string {
  return says
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (instant) => offsetText(Date.parse(instant) - startMs))
    .replace(/\.\d{13,}\b/g, '');
}
