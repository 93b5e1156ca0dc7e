/** Text of an iCalendar file to its components, each with the lines it stands on; knows no date and no rule of its own. */
import ICAL from 'ical.js';
import { messageOf } from '../../workflows/domain/failure.js';
import { GuardFileError } from './yaml.js';

/** BEGIN to END of one component. */
export interface Part {
  readonly name: string;
  readonly line: number;
  readonly component: ICAL.Component;
  /** The line of the first property of each name, in lower case. */
  readonly lines: ReadonlyMap<string, number>;
  readonly parts: readonly Part[];
}

/** Characters, and parts in one file: far more than any calendar people keep. */
const textMax = 5_000_000;
const partsMax = 20_000;

interface OpenPart {
  readonly name: string;
  readonly line: number;
  readonly component: ICAL.Component;
  readonly lines: Map<string, number>;
  readonly parts: OpenPart[];
}

/** Throws a GuardFileError with file and line for what is no iCalendar. */
export function readParts(text: string, name: string): Part {
  const wrong = (line: number, message: string): GuardFileError =>
    new GuardFileError(`${name}:${line}: ${message}`);
  if (text.length > textMax) throw wrong(1, `longer than ${textMax} characters`);
  const open: OpenPart[] = [];
  let whole: OpenPart | undefined;
  let count = 0;
  for (const { line, text: content } of unfolded(text)) {
    const [, key = '', value = ''] = /^([A-Za-z0-9-]+)[:;](.*)$/s.exec(content) ?? [];
    if (key === '') throw wrong(line, 'a line is NAME:value; this one is not');
    const current = open.at(-1);
    if (key.toUpperCase() === 'BEGIN') {
      count += 1;
      if (count > partsMax) throw wrong(line, `more than ${partsMax} parts`);
      const part = begun(value.trim().toLowerCase(), line);
      if (whole !== undefined && current === undefined)
        throw wrong(line, 'one file holds one calendar; this is a second one');
      current?.parts.push(part);
      current?.component.addSubcomponent(part.component);
      whole ??= part;
      open.push(part);
    } else if (key.toUpperCase() === 'END') {
      const ended = open.pop();
      if (ended?.name !== value.trim().toLowerCase())
        throw wrong(line, `END:${value} ends nothing: ${openText(ended)}; put its END before`);
    } else {
      if (current === undefined) throw wrong(line, 'a calendar begins with BEGIN:VCALENDAR');
      addProperty(current, { key: key.toLowerCase(), content, line, wrong });
    }
  }
  const unended = open.at(-1);
  if (unended !== undefined)
    throw wrong(
      unended.line,
      `${openText(unended)} and does not end: add END:${unended.name.toUpperCase()}`,
    );
  if (whole?.name !== 'vcalendar') throw wrong(1, 'a calendar begins with BEGIN:VCALENDAR');
  return whole;
}

function begun(name: string, line: number): OpenPart {
  return { name, line, component: new ICAL.Component(name), lines: new Map(), parts: [] };
}

function openText(part: OpenPart | undefined): string {
  return part === undefined ? 'nothing is begun' : `${part.name} begins in line ${part.line}`;
}

interface Adding {
  readonly key: string;
  readonly content: string;
  readonly line: number;
  wrong(line: number, message: string): GuardFileError;
}

function addProperty(part: OpenPart, { key, content, line, wrong }: Adding): void {
  try {
    part.component.addProperty(ICAL.Property.fromString(content));
  } catch (error) {
    throw wrong(line, `${messageOf(error)}; a line is NAME;PARAMETER=value:value`);
  }
  if (!part.lines.has(key)) part.lines.set(key, line);
}

interface ContentLine {
  readonly line: number;
  readonly text: string;
}

/** A line that begins with a blank goes on with the one before (RFC 5545, 3.1). */
function unfolded(text: string): ContentLine[] {
  const found: { line: number; text: string }[] = [];
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const last = found.at(-1);
    if (/^[ \t]/.test(raw) && last !== undefined) last.text += raw.slice(1);
    else if (raw.trim() !== '') found.push({ line: index + 1, text: raw });
  }
  return found;
}
