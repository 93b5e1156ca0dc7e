/** The parts of a report that are about runs: what they came to, what acted alone, what people decided, why others did not act. */
import {
  countActedAlone,
  countOutcomes,
  countRefusals,
  listCounted,
  type Counted,
  type OutcomeCount,
} from '../../../activities/store/report-runs.js';
import { outcomes as outcomeKinds } from '../../../workflows/domain/outcome.js';
import { reasons } from '../../../workflows/domain/reason.js';
import { durationText } from '../../../workflows/domain/time.js';
import { operatorMessages } from '../../../workflows/messages.js';
import { counted, type Reporting } from './part.js';

/** Columns that nothing came to are left out. */
export const outcomes: Reporting = async (db, span) => {
  const counts = await countOutcomes(db, span);
  const classes = [...new Set(counts.map(classesText))];
  const kinds = [...outcomeKinds, null].filter((kind) => runsOf(counts, { kind }) > 0);
  const rows = classes.map((name) => [
    name,
    String(runsOf(counts, { name })),
    ...kinds.map((kind) => String(runsOf(counts, { name, kind }))),
  ]);
  const all = runsOf(counts, {});
  const sums = kinds.map((kind) => `${runsOf(counts, { kind })} ${kind ?? 'not ended yet'}`);
  return {
    key: 'outcomes',
    heading: 'Runs',
    document: counts,
    says: [all === 0 ? 'No run began.' : `${counted(all, 'run')} began: ${sums.join(', ')}.`],
    table: {
      head: ['CLASS', 'RUNS', ...kinds.map((kind) => (kind ?? 'open').toUpperCase())],
      rows,
    },
  };
};

function classesText({ classes }: OutcomeCount): string {
  return classes.length === 0 ? 'no step' : classes.join(' + ');
}

interface Chosen {
  readonly name?: string;
  readonly kind?: OutcomeCount['outcome'];
}

function runsOf(counts: readonly OutcomeCount[], { name, kind }: Chosen): number {
  return counts
    .filter((count) => name === undefined || classesText(count) === name)
    .filter(({ outcome }) => kind === undefined || outcome === kind)
    .reduce((sum, { runs }) => sum + runs, 0);
}

export const actedAlone: Reporting = async (db, span) => {
  const rows = await countActedAlone(db, span);
  const sum = rows.reduce((total, { runs }) => total + runs, 0);
  return {
    key: 'actedAlone',
    heading: 'What acted alone',
    document: rows,
    says: [sum === 0 ? 'Nothing acted without a person.' : `${counted(sum, 'run')} asked nobody.`],
    table: {
      head: ['RUNBOOK', 'SERVICE', 'RUNS', 'RESOLVED', 'UNDONE', 'OTHER'],
      rows: rows.map(({ runbook, service, runs, resolved, undone, others }) => {
        return [runbook, service, ...[runs, resolved, undone, others].map(String)];
      }),
    },
  };
};

export const decisions: Reporting = async (db, span) => {
  const all = await listCounted(db, span);
  const ofPeople = all.filter(({ kind }) => Object.hasOwn(operatorMessages, kind));
  const kinds = [...new Set(ofPeople.map(({ kind }) => kind))];
  const found = kinds.map((kind) => decisionOf(kind, ofPeople));
  return {
    key: 'decisions',
    heading: 'What people decided',
    document: found,
    says: [
      ofPeople.length === 0
        ? 'Nobody decided anything.'
        : `${counted(ofPeople.length, 'decision')}. Times are from when people were first asked about the plan.`,
    ],
    table: {
      head: ['DECISION', 'TIMES', 'MEDIAN', 'LONGEST', 'BY'],
      rows: found.map(({ decision, times, medianMs, longestMs, by }) => {
        return [decision, String(times), tookText(medianMs), tookText(longestMs), byText(by)];
      }),
    },
  };
};

interface Decided {
  readonly decision: string;
  readonly times: number;
  /** Of those that answered a question; null where none did. */
  readonly medianMs: number | null;
  readonly longestMs: number | null;
  /** The most frequent first. */
  readonly by: readonly (readonly [person: string, times: number])[];
}

/** Pure; the median of an even number is the later of the two in the middle. */
export function decisionOf(decision: string, all: readonly Counted[]): Decided {
  const own = all.filter(({ kind }) => kind === decision);
  const took = own
    .flatMap(({ tookMs }) => (tookMs === null ? [] : [tookMs]))
    .toSorted((left, right) => left - right);
  const people = [...new Set(own.map(({ by }) => by))];
  return {
    decision,
    times: own.length,
    medianMs: took[Math.floor(took.length / 2)] ?? null,
    longestMs: took.at(-1) ?? null,
    by: people
      .map((person) => [person, own.filter(({ by }) => by === person).length] as const)
      .toSorted((left, right) => right[1] - left[1] || left[0].localeCompare(right[0])),
  };
}

function tookText(tookMs: number | null): string {
  return tookMs === null ? '-' : durationText(tookMs);
}

function byText(by: Decided['by']): string {
  return by.map(([person, times]) => `${person} ${times}`).join(', ');
}

export const refusals: Reporting = async (db, span) => {
  const rows = await countRefusals(db, span);
  const sum = rows.reduce((total, { runs }) => total + runs, 0);
  return {
    key: 'refusals',
    heading: 'Why it did not act',
    document: rows.map((row) => ({ ...row, says: reasons[row.reason] })),
    says: [
      sum === 0
        ? 'No run was withheld or only advised.'
        : `${counted(sum, 'run')} changed nothing. docs/why-it-did-not-act.md has a page for each reason.`,
    ],
    table: {
      head: ['REASON', 'RUNS', 'SERVICES', 'OUTCOME', 'MEANS', 'LATEST'],
      rows: rows.map(({ reason, runs, services, outcome, run }) => {
        return [reason, String(runs), String(services), outcome, reasons[reason], run];
      }),
    },
  };
};

/** Repairs whose alert came back while they were watched. */
export const recurrences: Reporting = async (db, span) => {
  const all = (await listCounted(db, span)).filter(({ kind }) => kind === 'refired');
  const firsts = all.filter((one, index) => all.findIndex((other) => isSame(one, other)) === index);
  const found = firsts
    .map((first) => {
      const own = all.filter((other) => isSame(first, other));
      const { runbook, service } = first;
      return { runbook, service, runs: new Set(own.map(({ run }) => run)).size };
    })
    .toSorted((left, right) => right.runs - left.runs);
  return {
    key: 'recurrences',
    heading: 'Repairs that did not hold',
    document: found,
    says: [
      found.length === 0 ? 'None.' : 'The alert came back within the undo window of the repair.',
    ],
    table: {
      head: ['RUNBOOK', 'SERVICE', 'RUNS'],
      rows: found.map(({ runbook, service, runs }) => [runbook, service, String(runs)]),
    },
  };
};

function isSame(one: Counted, other: Counted): boolean {
  return one.runbook === other.runbook && one.service === other.service;
}
