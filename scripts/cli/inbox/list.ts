/** The list of `belay inbox`, for people and for programs; asks nobody. */
import { letterName } from '../../../activities/store/dead-letters.js';
import type { Desk, LetterHead, Listed } from '../../../activities/store/inbox-desk.js';
import type { InboxRow } from '../../../activities/store/schema.js';
import { durationText } from '../../../workflows/domain/time.js';
import { columns } from '../columns.js';
import type { Paint } from '../terminal.js';

const whyWidth = 100;

/** Totals beside the rows: a list that was cut says so. */
export function deskDocument({ pending, dead, unmatched, letters }: Desk): object {
  return {
    pending: listed(pending, rowDocument),
    dead: listed(dead, rowDocument),
    unmatched: listed(unmatched, rowDocument),
    deadLetters: listed(letters, letterDocument),
  };
}

function listed<Row>({ total, rows }: Listed<Row>, document: (row: Row) => object): object {
  return { total, rows: rows.map(document) };
}

/** Without the alert itself. */
export function rowDocument(row: InboxRow): object {
  return {
    id: String(row.id),
    state: row.state,
    source: row.source,
    alert: row.alert.name,
    service: row.alert.service,
    status: row.status,
    fingerprint: row.fingerprint,
    startsAt: row.alert.startsAt,
    receivedAt: row.received_at.toISOString(),
    attempts: row.attempts,
    repeats: row.repeats,
    run: row.run,
    why: row.why,
  };
}

/** Without its body. */
export function letterDocument(letter: LetterHead): object {
  return {
    id: letterName(letter.id),
    state: letter.state,
    source: letter.source,
    why: letter.why,
    count: letter.count,
    bytes: letter.body_bytes,
    receivedAt: letter.received_at.toISOString(),
    lastAt: letter.last_at.toISOString(),
    settledWhy: letter.settled_why,
  };
}

export function deskLines({ pending, dead, unmatched, letters }: Desk, paint: Paint): string[] {
  const sections = [
    ...section('Waiting to be delivered', table(pending, rowCells), paint),
    ...section('Given up', table(dead, rowCells), paint),
    ...section('Found no runbook', table(unmatched, rowCells), paint),
    ...section('Not understood', table(letters, letterCells), paint),
  ];
  return sections.length === 0 ? [paint('green', 'nothing waits for anybody')] : sections;
}

interface Table {
  readonly total: number;
  readonly rows: readonly (readonly string[])[];
}

function table<Row>({ total, rows }: Listed<Row>, cells: (row: Row) => string[]): Table {
  return { total, rows: rows.map(cells) };
}

function section(title: string, { total, rows }: Table, paint: Paint): string[] {
  if (total === 0) return [];
  const more = total - rows.length;
  return [
    paint('bold', `${title}: ${total}`),
    ...columns(rows).map((line) => `  ${line}`),
    ...(more > 0 ? [paint('dim', `  and ${more} more: --limit shows them`)] : []),
  ];
}

function rowCells(row: InboxRow): string[] {
  const age = durationText(Date.now() - row.received_at.getTime());
  const what = `${row.alert.name} on ${row.alert.service}`;
  return [String(row.id), row.source, what, row.status, age, (row.why ?? '').slice(0, whyWidth)];
}

function letterCells(letter: LetterHead): string[] {
  const age = durationText(Date.now() - letter.last_at.getTime());
  const times = letter.count === 1 ? 'once' : `${letter.count} times`;
  return [letterName(letter.id), letter.source, times, age, letter.why.slice(0, whyWidth)];
}
