/** A storm in numbers: what was done to the engine, what became of the alerts, what must not have happened. Prints nothing. */
import { faultKinds, type FaultKind } from '../storm/faults.js';
import type { Struck } from '../storm/storm.js';
import type { Evidence } from './evidence.js';
import { violationKinds, type Violation, type ViolationKind } from './violation.js';

export interface Report {
  readonly seed: number;
  /** Runs that came to an outcome. */
  readonly runs: number;
  /** Alerts that were to be raised. */
  readonly asked: number;
  /** Alerts that were raised, without their repeats. */
  readonly alerts: number;
  /** Transitions that were acknowledged, each counted once. */
  readonly acknowledged: number;
  /** Requests of the senders that had to be made again. */
  readonly retries: number;
  readonly lost: number;
  readonly effects: number;
  readonly doubles: number;
  /** All other violations. */
  readonly violations: number;
  readonly byKind: Readonly<Partial<Record<ViolationKind, number>>>;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Effects that a second attempt looked for instead of repeating cannot be counted; attempts that were needed can. */
  readonly secondAttempts: number;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  /** Processes that ended though nobody killed them, by name; they were started again. */
  readonly endedByThemselves: Readonly<Record<string, number>>;
  /** How long the storm was, and all of it, in minutes. */
  readonly stormMinutes: number;
  readonly minutes: number;
  readonly ok: boolean;
  /** The first, in words; all of them would drown it. */
  readonly firstViolations: readonly string[];
  readonly struck: readonly Struck[];
}

export interface Counted {
  readonly seed: number;
  readonly asked: number;
  readonly alerts: number;
  readonly retries: number;
  readonly refused: readonly string[];
  readonly struck: readonly Struck[];
  readonly secondAttempts: number;
  readonly endedByThemselves: Readonly<Record<string, number>>;
  readonly stormMs: number;
  readonly wholeMs: number;
}

const shownMax = 20;
const minuteMs = 60_000;

export function reportOf(
  counted: Counted,
  evidence: Evidence,
  violations: readonly Violation[],
): Report {
  const { seed, asked, alerts, retries, struck, secondAttempts, endedByThemselves } = counted;
  const kinds = violations.map(({ kind }) => kind);
  const lost = kinds.filter((kind) => kind === 'lost').length;
  const doubles = kinds.filter((kind) => kind === 'double').length;
  const outcomes = tally(
    evidence.ledger.flatMap(({ kind, outcome }) => {
      return kind === 'outcome' && outcome !== null ? [outcome] : [];
    }),
  );
  return {
    seed,
    runs: new Set(evidence.ledger.filter(({ kind }) => kind === 'outcome').map(({ run }) => run))
      .size,
    asked,
    alerts,
    acknowledged: acknowledgedOnce(evidence),
    retries,
    lost,
    effects: evidence.mutations.length,
    doubles,
    violations: violations.length - lost - doubles,
    byKind: tally(kinds, violationKinds),
    outcomes,
    secondAttempts,
    faults: tally(
      struck.map(({ kind }) => kind),
      faultKinds,
    ),
    endedByThemselves,
    stormMinutes: inMinutes(counted.stormMs),
    minutes: inMinutes(counted.wholeMs),
    ok: violations.length === 0 && counted.refused.length === 0,
    firstViolations: [
      ...counted.refused,
      ...violations.map(({ kind, says }) => `${kind}: ${says}`),
    ].slice(0, shownMax),
    struck,
  };
}

function acknowledgedOnce({ acknowledged }: Evidence): number {
  const keys = acknowledged.map(({ fingerprint, startsAt, status }) => {
    return `${fingerprint} ${startsAt} ${status}`;
  });
  return new Set(keys).size;
}

function tally(words: readonly string[], order: readonly string[] = []): Record<string, number> {
  const counts: Record<string, number> = {};
  const named = order.filter((word) => words.includes(word));
  for (const word of [...named, ...words]) counts[word] = 0;
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

function inMinutes(durationMs: number): number {
  return Math.round((durationMs / minuteMs) * 10) / 10;
}

/** For people: one row for each number. */
export function tableOf(report: Report): string {
  const list = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ') || 'none';
  const rows: (readonly [string, string])[] = [
    ['seed', String(report.seed)],
    ['runs with an outcome', `${report.runs} (asked for: ${report.asked})`],
    ['outcomes', list(report.outcomes)],
    ['alerts raised', String(report.alerts)],
    ['acknowledged', `${report.acknowledged}, after ${report.retries} repeated requests`],
    ['effects', `${report.effects}, ${report.secondAttempts} operations needed a second attempt`],
    ['faults', list(report.faults)],
    ['ended by themselves', list(report.endedByThemselves)],
    ['minutes', `${report.minutes}, ${report.stormMinutes} of them storm`],
    ['lost', String(report.lost)],
    ['doubles', String(report.doubles)],
    ['violations by kind', list(report.byKind)],
    ['ok', report.ok ? 'yes' : 'NO'],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`).join('\n');
}

/** The first violation with the ledger lines of its runs, as they were written. */
export function storyOf(violation: Violation, { ledger, mutations }: Evidence): string {
  const told = ledger
    .filter(({ run }) => violation.runs.includes(run))
    .map(({ recordedAtMs, kind, says }) => ({ atMs: recordedAtMs, text: `${kind}: ${says}` }));
  const done = mutations
    .filter(({ operation }) => violation.runs.some((run) => operation.startsWith(`${run}/`)))
    .map(({ atMs, operation, says }) => ({ atMs, text: `THE WORLD: ${operation}: ${says}` }));
  const lines = [...told, ...done].toSorted((a, b) => a.atMs - b.atMs);
  return [
    `${violation.kind}: ${violation.says}`,
    ...lines.map(({ atMs, text }) => `  ${new Date(atMs).toISOString()}  ${text}`),
  ].join('\n');
}
