/** Ledger lines for people and for programs; adds nothing to them and leaves nothing out for programs. */
import type { LedgerRow } from '../../activities/store/schema.js';
import type { EntryKind } from '../../workflows/domain/entry.js';
import { durationText } from '../../workflows/domain/time.js';
import { columns, oneLine } from './columns.js';
import { imageText } from './proposal.js';
import { outcomeColour } from './runs.js';
import type { Colour, Paint } from './terminal.js';

/** A ledger line as JSON: camel case, times as RFC 3339. */
export function entryDocument(row: LedgerRow): object {
  return {
    seq: row.seq,
    id: row.id,
    at: row.at.toISOString(),
    recordedAt: row.recorded_at.toISOString(),
    run: row.run,
    runbook: row.runbook,
    digest: row.digest,
    service: row.service,
    environment: row.environment,
    tier: row.tier,
    kind: row.kind,
    says: row.says,
    trigger: row.trigger,
    actor: row.actor,
    level: row.level,
    actionClass: row.action_class,
    step: row.step,
    reason: row.reason,
    outcome: row.outcome,
    expected: row.expected,
    actual: row.actual,
    before: row.before_state,
    after: row.after_state,
    durationMs: row.duration_ms,
    detail: row.detail,
  };
}

/** One run's ledger: the time since it began, the kind, the sentence; images under an effect. */
export function timeline(rows: readonly LedgerRow[], paint: Paint): string[] {
  const [first] = rows;
  if (first === undefined) return [];
  const startedMs = first.at.getTime();
  const cells = rows.map((row) => [
    clockText(row.at),
    paint('dim', `+${durationText(row.at.getTime() - startedMs)}`),
    paint(colourOf(row), row.kind),
    sentence(row),
  ]);
  return columns(cells);
}

/** One line of many runs, for following along. */
export function followed(row: LedgerRow, paint: Paint): string {
  const head = `${clockText(row.at)}  ${paint(colourOf(row), row.kind.padEnd(kindWidth))}`;
  return `${head}  ${oneLine(sentence(row))}${row.run === null ? '' : paint('dim', `  ${row.run}`)}`;
}

const kindWidth = 'confirmation'.length;

function sentence(row: LedgerRow): string {
  const took = row.duration_ms === null ? '' : ` (${durationText(row.duration_ms)})`;
  const images =
    row.before_state === null || row.after_state === null
      ? ''
      : `: ${imageText(row.before_state)} → ${imageText(row.after_state)}`;
  return `${row.says}${images}${took}`;
}

/** In UTC, as in every record. */
function clockText(at: Date): string {
  return at.toISOString().slice(11, 23);
}

const kindColour: Partial<Record<EntryKind, Colour>> = {
  intent: 'cyan',
  effect: 'cyan',
  undo: 'yellow',
  escalation: 'yellow',
  signal: 'bold',
  switch: 'yellow',
  intake: 'yellow',
};

function colourOf({ kind, outcome, reason }: LedgerRow): Colour {
  if (kind === 'outcome' && outcome !== null) return outcomeColour[outcome];
  if (kind === 'decision' && reason !== null) return 'red';
  return kindColour[kind] ?? 'dim';
}
