/** `belay report run <run>`: what one run saw, did and came to, as a page to keep with the incident. */
import type { LedgerRow } from '../../../activities/store/schema.js';
import { durationText } from '../../../workflows/domain/time.js';
import { entryDocument } from '../ledger-lines.js';
import { imageText } from '../proposal.js';
import { runDocument } from '../runs.js';
import type { Kept } from '../show.js';
import { minuteText, type Part, type Report } from './part.js';

/** Pure: of what the store keeps of the run. */
export function runReport(kept: Kept): Report {
  const { row, ledger } = kept;
  return {
    title: `${row.alert.name} on ${row.service}, ${minuteText(row.opened_at ?? row.changed_at)} UTC`,
    parts: [summary(kept), because(kept), did(ledger), people(ledger), timeline(ledger)],
  };
}

function summary({ row, ledger }: Kept): Part {
  const { run, runbook, service, environment, alert, trigger, outcome, why, state, level } = row;
  const ended = ledger.findLast(({ kind }) => kind === 'outcome');
  const took = ended?.duration_ms ?? null;
  const cameTo = outcome === null ? `It is ${state}.` : `${why ?? outcome}.`;
  return {
    key: 'summary',
    heading: 'In short',
    document: runDocument(row),
    says: [
      cameTo,
      ...(took === null ? [] : [`From the alert to the outcome: ${durationText(took)}.`]),
    ],
    table: {
      head: ['WHAT', 'WHICH'],
      rows: [
        ['run', run],
        ['runbook', runbook],
        ['service', `${service} (${environment})`],
        ['alert', `${alert.name} of ${alert.source}, fired at ${alert.startsAt}`],
        ['began by', trigger],
        ['level', level === null ? '-' : String(level)],
        ['code', ledger[0]?.digest ?? '-'],
      ],
    },
  };
}

function because({ proposal }: Kept): Part {
  const reasons = proposal?.because ?? [];
  return {
    key: 'because',
    heading: 'What it saw',
    document: reasons,
    says: reasons.length === 0 ? ['It proposed nothing.'] : reasons,
  };
}

function did(ledger: readonly LedgerRow[]): Part {
  const rows = ledger.filter(({ kind }) => kind === 'effect' || kind === 'undo');
  return {
    key: 'did',
    heading: 'What it changed',
    document: rows.map(entryDocument),
    says: rows.length === 0 ? ['Nothing.'] : [],
    table: {
      head: ['AT', 'STEP', 'SAYS', 'BEFORE', 'AFTER'],
      rows: rows.map(({ at, step, says, before_state: before, after_state: after }) => [
        secondText(at),
        step ?? '-',
        says,
        before === null ? '-' : imageText(before),
        after === null ? '-' : imageText(after),
      ]),
    },
  };
}

function people(ledger: readonly LedgerRow[]): Part {
  const rows = ledger.filter(({ kind }) => kind === 'signal' || kind === 'escalation');
  return {
    key: 'people',
    heading: 'Who was asked, and what they said',
    document: rows.map(entryDocument),
    says: rows.length === 0 ? ['Nobody.'] : [],
    table: { head: ['AT', 'SAYS'], rows: rows.map(({ at, says }) => [secondText(at), says]) },
  };
}

function timeline(ledger: readonly LedgerRow[]): Part {
  return {
    key: 'timeline',
    heading: 'Timeline',
    document: ledger.map(entryDocument),
    says: [],
    table: {
      head: ['AT', 'KIND', 'SAYS'],
      rows: ledger.map(({ at, kind, says }) => [secondText(at), kind, says]),
    },
  };
}

/** In UTC. */
function secondText(at: Date): string {
  return at.toISOString().slice(11, 19);
}
