/**
 * The ids of ledger lines and notices: what they say decides them, not when they were written.
 * A short call that ran twice therefore writes its lines once, and a line that differs in anything but time is kept.
 */
import { createHash } from 'node:crypto';
import type { Entry, Notice } from '../../workflows/domain/entry.js';
import { canonical } from '../../workflows/domain/json.js';

/** Lower-case hex SHA-256 over the run and everything in the entry but its times. */
export function entryIdOf(run: string, entry: Entry): string {
  return hashOf({ ...entry, atMs: undefined, durationMs: undefined, run });
}

/** Notices have no detail to tell them apart: the entries they are committed with do it. */
export function noticeIdOf(notice: Notice, from: NoticeOrigin): string {
  return hashOf({ ...notice, ...from });
}

export interface NoticeOrigin {
  readonly run: string;
  readonly entryIds: readonly string[];
  readonly position: number;
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}
