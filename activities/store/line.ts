/** One entry as a row of the ledger, with what the list of runs learns from it. Pure: writes nothing. */
import type { Entry, EntryKind, Tier } from '../../workflows/domain/entry.js';
import { instantText } from '../../workflows/domain/time.js';
import type { RunState } from '../../workflows/runtime.js';
import type { RunRef } from '../../workflows/store.js';
import { entryIdOf } from './entry-id.js';

/** What the store knows of the writer beyond what it said. */
export interface Writer {
  readonly digest: string;
  readonly tier: Tier | null;
}

export type Line = ReturnType<typeof lineOf>;

/** Named like the ledger's columns; the last group like those of `runs`, null where the entry says nothing new. */
export function lineOf(ref: RunRef, entry: Entry, { digest, tier }: Writer) {
  const closing = entry.kind === 'outcome';
  return {
    id: entryIdOf(ref.run, entry),
    run: ref.run,
    runbook: ref.runbook,
    digest,
    service: ref.alert.service,
    environment: ref.alert.environment,
    tier,
    kind: entry.kind,
    action_class: entry.actionClass ?? null,
    trigger: ref.trigger,
    actor: entry.actor ?? null,
    level: entry.level ?? null,
    reason: entry.reason ?? null,
    outcome: entry.outcome ?? null,
    step: entry.step ?? null,
    says: entry.says,
    expected: entry.expected ?? null,
    actual: entry.actual ?? null,
    before_state: entry.before ?? null,
    after_state: entry.after ?? null,
    duration_ms: entry.durationMs === undefined ? null : Math.round(entry.durationMs),
    at: instantText(entry.atMs),
    detail: entry.detail ?? null,

    run_state: isUndoIntent(entry) ? 'unwinding' : stateAfter[entry.kind],
    run_plan_hash: entry.kind === 'proposal' ? textIn(entry.detail, 'planHash') : null,
    run_outcome: closing ? (entry.outcome ?? null) : null,
    run_reason: closing ? (entry.reason ?? null) : null,
    run_why: closing ? entry.says : null,
    run_opened: entry.kind === 'opened',
    run_closed: entry.kind === 'closed',
  };
}

/** The state a run is in once this was written; null where the entry does not tell. */
const stateAfter = {
  opened: 'proposing',
  proposal: 'proposing',
  decision: null,
  escalation: 'waiting',
  signal: null,
  intent: 'performing',
  effect: null,
  undo: 'unwinding',
  confirmation: 'confirming',
  outcome: 'watching',
  closed: 'closed',
  switch: null,
  policy: null,
  intake: null,
  audit: null,
  trust: null,
  drill: null,
} as const satisfies Record<EntryKind, RunState | null>;

function isUndoIntent({ kind, detail }: Entry): boolean {
  return kind === 'intent' && (textIn(detail, 'operation') ?? '').endsWith('/undo');
}

function textIn(detail: Entry['detail'], key: string): string | null {
  if (typeof detail !== 'object' || detail === null || !(key in detail)) return null;
  const value: unknown = Object.entries(detail).find(([name]) => name === key)?.[1];
  return typeof value === 'string' ? value : null;
}
