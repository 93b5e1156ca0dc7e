/** A report is made of parts: a heading, sentences, a table, commands; the same for a terminal, for Markdown and for programs. */
import type { Db } from '../../../activities/store/db.js';
import type { Span } from '../../../activities/store/report-span.js';
import type { Colour } from '../terminal.js';

export interface Part {
  /** Its name in the JSON document. */
  readonly key: string;
  readonly heading: string;
  /** For programs; says at least what the rest says. */
  readonly document: unknown;
  /** Whole sentences. */
  readonly says: readonly string[];
  readonly table?: Table;
  /** To copy into a shell. */
  readonly commands?: readonly string[];
  /** Of the heading, where somebody must act. */
  readonly colour?: Colour;
}

export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Looks and tells; changes nothing. Throws what the database throws. */
export type Reporting = (db: Db, span: Span) => Promise<Part>;

export interface Report {
  readonly title: string;
  readonly parts: readonly Part[];
}

/** `3 runs`, `1 run`. */
export function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

/** In UTC, to the minute: `2026-11-21 08:00`. */
export function minuteText(at: Date): string {
  return at.toISOString().slice(0, 16).replace('T', ' ');
}
